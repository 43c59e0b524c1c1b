import { describe, expect, it } from "vitest";
import { mountOf } from "../../host/cli/input.ts";

describe("--mount", () => {
  it("is metres ahead, metres to the left and degrees", () => {
    const { translation, quaternion } = mountOf("0.194, -0.1,90");
    expect(translation).toEqual([0.194, -0.1, 0]);
    expect(2 * Math.atan2(quaternion[2], quaternion[3])).toBeCloseTo(Math.PI / 2, 12);
  });

  it.each(["", "1,2", "1,2,3,4", "1,,3", "a,2,3", "1,2,inf"])("refuses %j", (text) => {
    expect(() => mountOf(text)).toThrow(/three numbers/);
  });
});
