/** Frames through a whole sidecar: what is accepted, refused and dropped, and that the books say so. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openSpool } from "../../host/spool/index.ts";
import { openVeil } from "../../host/veil/open.ts";
import { codeOf, frameOf, LIDAR, policyOf, RECIPIENT, Robot, sumOf } from "./support.ts";

const FRAME = frameOf(1);

describe("a fresh robot", () => {
  let robot: Robot;
  beforeAll(async () => {
    robot = await Robot.start();
  });
  afterAll(() => robot.end());

  test("lets nothing leave, and says why in the language of the caller", async () => {
    const sensor = await robot.sensor("zh");
    const stream = await sensor.open({ layout: FRAME.layout });
    const receipt = await stream.push(FRAME);
    await stream.end();
    if (receipt.outcome !== "refused") throw new Error(`was ${receipt.outcome}`);
    const { code, metadata, localized } = receipt.error;
    expect(code).toBe("PERMISSION_DENIED");
    expect(metadata).toMatchObject({ permission: expect.stringMatching(/^robot-lidar-/) });
    for (const key of ["feature", "consequence", "unaffected", "restore_command"]) {
      expect(metadata[key]).toMatch(/\S/);
    }
    expect(localized.zh).toMatch(/[\u4e00-\u9fff]/);
    const accounts = robot.accounts();
    expect(accounts).toMatchObject({ captured: 1, uploaded: 0, spooled: 0 });
    expect(accounts.refused[receipt.reason as "UPLOAD_OFF"]).toBe(1);
  });
});
