/** The gate: who passes, up to which level, for how long, and from which epoch on. */
import { describe, expect, test } from "vitest";
import { DATA_CLASSES, type Permissions } from "../../host/permission/index.ts";
import { LEVELS } from "../../host/policy/fields.ts";
import type { Level } from "../../host/policy/index.ts";
import {
  allowLidar,
  DAY_MS,
  no,
  OTHER_RECIPIENT,
  OWNER,
  RECIPIENT,
  reasonOf,
  robot,
  yes,
} from "./support.ts";

/** The level at which lidar may leave, or why not. */
function lidar(permissions: Permissions, wanted: Level = "frames"): string {
  const decision = permissions.gate.decideUpload("lidar", wanted);
  return decision.allowed ? decision.level : decision.refusal.reason;
}

describe("default", () => {
  test("nothing of any class may leave at any level", async () => {
    const permissions = await (await robot()).open();
    for (const dataClass of DATA_CLASSES) {
      for (const wanted of LEVELS) {
        const decision = permissions.gate.decideUpload(dataClass, wanted);
        expect(decision.allowed, `${dataClass} ${wanted}`).toBe(false);
        if (decision.allowed) continue;
        expect(decision.refusal.permission).toContain(`robot-${dataClass}-`);
        expect(decision.refusal.message.en).not.toBe("");
      }
      expect(permissions.gate.epochFloor(dataClass)).toBe(0n);
    }
    expect(permissions.gate.epoch).toBe(0n);
  });
});

describe("levels", () => {
  test("use on the robot and upload are both needed", async () => {
    const permissions = await (await robot()).open();
    await permissions.grant(yes("robot-lidar-upload"));
    expect(lidar(permissions)).toBe("LOCAL_USE_OFF");
    await permissions.grant(yes("robot-lidar-local"));
    expect(lidar(permissions)).toBe("frames");
    await permissions.withdraw(no("robot-lidar-upload"));
    expect(lidar(permissions)).toBe("UPLOAD_OFF");
  });

  test("the lower of wanted and granted leaves, but for nothing", async () => {
    const expected = {
      plan: ["LEVEL_TOO_LOW", "plan", "plan", "plan", "plan"],
      map: ["LEVEL_TOO_LOW", "plan", "map", "map", "map"],
      frames: ["LEVEL_TOO_LOW", "plan", "map", "frames", "frames"],
      full: ["LEVEL_TOO_LOW", "plan", "map", "frames", "full"],
    } as const;
    const permissions = await (await robot()).open();
    for (const level of ["plan", "map", "frames", "full"] as const) {
      await allowLidar(permissions, { level });
      expect(
        LEVELS.map((wanted) => lidar(permissions, wanted)),
        level,
      ).toEqual(expected[level]);
    }
  });

  test("a refusal says everything in both languages, and how to change it", async () => {
    const permissions = await (await robot()).open();
    await permissions.grant(yes("robot-lidar-local"));
    const decision = permissions.gate.decideUpload("lidar", "map");
    if (decision.allowed) throw new Error("it passed");
    const { refusal } = decision;
    expect(refusal.permission).toBe("robot-lidar-upload");
    // No further than the policy goes.
    expect(refusal.restoreCommand).toBe("mapveil permission grant robot-lidar-upload --level map");
    for (const text of [
      refusal.message,
      refusal.feature,
      refusal.consequence,
      refusal.unaffected,
    ]) {
      expect(text.en).toMatch(/[a-z]/);
      expect(text.zh).toMatch(/\p{Script=Han}/u);
    }
  });

  test("wireless networks are confined to the robot: there is nothing to grant", async () => {
    const permissions = await (await robot()).open();
    await permissions.grant(yes("robot-wifi-local"));
    for (const dataClass of ["wifi", "local_network", "local_storage", "phone"] as const) {
      expect(await reasonOf(() => permissions.grant(yes(`robot-${dataClass}-upload`)))).toBe(
        "PERMISSION_UNKNOWN",
      );
      const decision = permissions.gate.decideUpload(dataClass, "frames");
      if (decision.allowed) throw new Error("it passed");
      expect(decision.refusal.reason).toBe("UPLOAD_OFF");
      expect(decision.refusal.message.en).toContain("never leave");
      expect(decision.refusal.restoreCommand).toBe("");
    }
  });

  test("classes without levels pass as the policy makes them", async () => {
    const permissions = await (await robot()).open();
    await permissions.grant(yes("robot-logs-local"));
    await permissions.grant(yes("robot-logs-upload"));
    expect(permissions.gate.decideUpload("logs", "full")).toEqual({
      allowed: true,
      epoch: 2n,
      level: "full",
    });
  });
});

describe("purpose", () => {
  test("a grant for another purpose than the configured one lets nothing leave, and says so", async () => {
    const { open } = await robot();
    const before = await open({ purpose: "provide" });
    await allowLidar(before);
    expect(before.gate.decideUpload("lidar", "frames").allowed).toBe(true);
    await before.close();
    const after = await open({ purpose: "research" });
    const decision = after.gate.decideUpload("lidar", "frames");
    if (decision.allowed) throw new Error("it passed");
    expect(decision.refusal.reason).toBe("UPLOAD_OFF");
    expect(decision.refusal.message.en).toContain("another purpose");
    expect(decision.refusal.restoreCommand).toContain(
      "robot-lidar-upload --level frames --purpose research",
    );
    expect(after.get("robot-lidar-upload").granted).toBe(false);
    expect(after.get("robot-lidar-local").granted).toBe(true);
    await after.grant(yes("robot-lidar-upload", { purpose: "research" }));
    expect(after.gate.decideUpload("lidar", "frames").allowed).toBe(true);
  });
});

describe("recipient", () => {
  test("a grant for another recipient lets nothing pass, and says so", async () => {
    const { open } = await robot();
    const before = await open();
    await allowLidar(before);
    await before.close();
    const after = await open({ recipient: OTHER_RECIPIENT });
    const decision = after.gate.decideUpload("lidar", "frames");
    if (decision.allowed) throw new Error("it passed");
    expect(decision.refusal.reason).toBe("UPLOAD_OFF");
    expect(decision.refusal.message.en).toContain("another recipient");
    expect(after.get("robot-lidar-upload").granted).toBe(false);
    expect(after.get("robot-lidar-local").granted).toBe(true);
    expect(
      await reasonOf(() => after.grant(yes("robot-lidar-upload", { recipient: RECIPIENT }))),
    ).toBe("RECIPIENT_UNKNOWN");
    const { epoch } = await after.grant(yes("robot-lidar-upload", { recipient: OTHER_RECIPIENT }));
    expect(lidar(after)).toBe("frames");
    // What was sealed for the first one does not leave under the grant for the second.
    expect(after.gate.epochFloor("lidar")).toBe(epoch);
  });
});

describe("epoch floor", () => {
  test("rises with a withdrawal of either use, and with nothing else", async () => {
    const permissions = await (await robot()).open();
    await allowLidar(permissions);
    expect(permissions.gate.epochFloor("lidar")).toBe(0n);
    const local = await permissions.withdraw(no("robot-lidar-local"));
    expect(permissions.gate.epochFloor("lidar")).toBe(local.epoch);
    await permissions.grant(yes("robot-lidar-local"));
    expect(permissions.gate.epochFloor("lidar")).toBe(local.epoch);
    const upload = await permissions.withdraw(no("robot-lidar-upload"));
    expect(permissions.gate.epochFloor("lidar")).toBe(upload.epoch);
    expect(permissions.gate.epochFloor("house_plan")).toBe(0n);
    // What is off cannot be withdrawn once more.
    const again = await permissions.withdraw(no("robot-lidar-upload"));
    expect(again.epoch).toBe(upload.epoch);
    expect(permissions.gate.epochFloor("lidar")).toBe(upload.epoch);
  });

  test("rises when a grant lowers the level or changes the purpose, not when it widens", async () => {
    const permissions = await (await robot()).open();
    await allowLidar(permissions, { level: "frames" });
    await permissions.grant(yes("robot-lidar-upload", { level: "full" }));
    expect(permissions.gate.epochFloor("lidar")).toBe(0n);
    const lowered = await permissions.grant(yes("robot-lidar-upload", { level: "frames" }));
    expect(permissions.gate.epochFloor("lidar")).toBe(lowered.epoch);
    await permissions.grant(yes("robot-lidar-upload", { level: "frames" }));
    expect(permissions.gate.epochFloor("lidar")).toBe(lowered.epoch);
    const purpose = await permissions.grant(yes("robot-lidar-upload", { purpose: "research" }));
    expect(permissions.gate.epochFloor("lidar")).toBe(purpose.epoch);
  });

  test("does not rise for the switches of the apps", async () => {
    const permissions = await (await robot()).open();
    await permissions.grant(yes("android-camera-local"));
    await permissions.withdraw(no("android-camera-local"));
    expect(permissions.gate.epochFloor("camera")).toBe(0n);
  });

  test("is the same after the next start", async () => {
    const { open } = await robot();
    const before = await open();
    await allowLidar(before);
    const { epoch } = await before.withdraw(no("robot-lidar-upload"));
    await before.close();
    const after = await open();
    expect(after.gate.epochFloor("lidar")).toBe(epoch);
    expect(after.gate.epoch).toBe(epoch);
    expect(lidar(after)).toBe("UPLOAD_OFF");
  });
});

describe("limited time", () => {
  test("ends by the clock, and is told from what is off", async () => {
    const { open, clock } = await robot();
    const permissions = await open();
    await allowLidar(permissions, { ttlMs: 1000 });
    clock.pass(999);
    expect(lidar(permissions)).toBe("frames");
    expect(permissions.get("robot-lidar-upload").etag).toBe("2");
    clock.pass(1);
    expect(lidar(permissions)).toBe("PERMISSION_EXPIRED");
    const view = permissions.get("robot-lidar-upload");
    expect([view.granted, view.level, view.etag]).toEqual([false, undefined, "2-over"]);
  });

  test("a clock that jumps 30 days ahead ends it, and one that comes back brings it back", async () => {
    const { open, clock } = await robot();
    const permissions = await open();
    await allowLidar(permissions, { ttlMs: 7 * DAY_MS });
    clock.wall += 30 * DAY_MS;
    expect(lidar(permissions)).toBe("PERMISSION_EXPIRED");
    clock.wall -= 30 * DAY_MS;
    expect(lidar(permissions)).toBe("frames");
  });

  test("what the ledger has seen stays seen: no later clock that is set back revives it", async () => {
    const { open, clock } = await robot();
    const permissions = await open();
    await allowLidar(permissions, { ttlMs: 7 * DAY_MS });
    clock.wall += 30 * DAY_MS;
    await permissions.grant(yes("robot-logs-local"));
    clock.wall -= 30 * DAY_MS;
    expect(lidar(permissions)).toBe("PERMISSION_EXPIRED");
    await permissions.close();
    const again = await open();
    expect(lidar(again)).toBe("PERMISSION_EXPIRED");
    // A new one must end after the latest time that was seen.
    expect(await reasonOf(() => again.grant(yes("robot-lidar-upload", { ttlMs: DAY_MS })))).toBe(
      "EXPIRY_PAST",
    );
    await again.grant(yes("robot-lidar-upload"));
    expect(lidar(again)).toBe("frames");
  });

  test("a clock set back 30 days does not lengthen it within a run", async () => {
    const { open, clock } = await robot();
    const permissions = await open();
    await allowLidar(permissions, { ttlMs: DAY_MS });
    clock.wall -= 30 * DAY_MS;
    expect(lidar(permissions)).toBe("frames");
    clock.pass(DAY_MS);
    expect(lidar(permissions)).toBe("PERMISSION_EXPIRED");
  });

  test("an expired grant can be withdrawn, so that no clock brings it back", async () => {
    const { open, clock } = await robot();
    const permissions = await open();
    await allowLidar(permissions, { ttlMs: 7 * DAY_MS });
    clock.wall += 30 * DAY_MS;
    const { epoch } = await permissions.withdraw(no("robot-lidar-upload"));
    clock.wall -= 30 * DAY_MS;
    expect(lidar(permissions)).toBe("UPLOAD_OFF");
    expect(permissions.gate.epochFloor("lidar")).toBe(epoch);
  });
});

test("listeners hear of a change when it holds already, and one that throws hinders nobody", async () => {
  const permissions = await (await robot()).open();
  const heard: string[] = [];
  permissions.onChange(() => {
    throw new Error("not my day");
  });
  const end = permissions.onChange(({ permission, epoch }) => {
    heard.push(`${epoch} ${permission.id} ${permission.granted} ${lidar(permissions)}`);
  });
  await allowLidar(permissions);
  await permissions.withdraw({ permission: "robot-lidar-upload", decidedBy: OWNER });
  end();
  await permissions.grant(yes("robot-lidar-upload"));
  expect(heard).toEqual([
    "1 robot-lidar-local true UPLOAD_OFF",
    "2 robot-lidar-upload true frames",
    "3 robot-lidar-upload false UPLOAD_OFF",
  ]);
});
