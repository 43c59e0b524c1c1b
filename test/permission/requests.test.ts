/** What is asked for is checked, and a request that comes twice counts once. */
import { describe, expect, test } from "vitest";
import type { GrantRequest } from "../../host/permission/index.ts";
import { DAY_MS, no, OTHER_RECIPIENT, OWNER, RECIPIENT, reasonOf, robot, yes } from "./support.ts";

const UUID = "0f8fad5b-d9cb-469f-a165-70867728950e";
const UPLOAD = "robot-lidar-upload";

describe("a grant", () => {
  const wrong: readonly [string, Partial<GrantRequest> & { permission?: string }, string][] = [
    ["of what does not exist", { permission: "robot-soul-upload" }, "PERMISSION_UNKNOWN"],
    ["without the level it needs", { level: undefined as never }, "LEVEL_REQUIRED"],
    ["of the level nothing", { level: "nothing" }, "LEVEL_REQUIRED"],
    ["with a level it has not", { permission: "robot-lidar-local" }, "LEVEL_NOT_APPLICABLE"],
    ["without an act", { affirmativeAct: "" }, "ACT_REQUIRED"],
    ["with an act of spaces", { affirmativeAct: " \n " }, "ACT_REQUIRED"],
    ["with an act too long", { affirmativeAct: "x".repeat(501) }, "TEXT_INVALID"],
    ["with a terminal's escape", { affirmativeAct: "yes\u001b[2J" }, "TEXT_INVALID"],
    ["with two lines", { affirmativeAct: "yes\nno" }, "TEXT_INVALID"],
    ["with half a character", { affirmativeAct: "yes \ud83d" }, "TEXT_INVALID"],
    ["with text that runs backwards", { affirmativeAct: "\u202eyes" }, "TEXT_INVALID"],
    ["with a version too long", { policyVersion: "1".repeat(65) }, "TEXT_INVALID"],
    ["with an empty version", { policyVersion: "" }, "TEXT_INVALID"],
    ["for a purpose of its own", { purpose: "fun" as never }, "TEXT_INVALID"],
    ["for another recipient", { recipient: OTHER_RECIPIENT }, "RECIPIENT_UNKNOWN"],
    ["that is over already", { expireTimeMs: Date.UTC(2026, 2, 1, 12) }, "EXPIRY_PAST"],
    ["that is over at once", { ttlMs: 0 }, "EXPIRY_PAST"],
    ["for a time of no number", { ttlMs: Number.NaN }, "TEXT_INVALID"],
    ["for a part of a millisecond", { ttlMs: 1.5 }, "TEXT_INVALID"],
    ["beyond the year 9999", { expireTimeMs: 253_402_300_800_000 }, "TEXT_INVALID"],
    ["with two ends", { ttlMs: 1, expireTimeMs: Date.UTC(2027, 1) }, "TEXT_INVALID"],
    ["with an id that is no UUID", { requestId: "1" }, "TEXT_INVALID"],
    ["by a client without a name", { decidedBy: { role: "owner", client: "" } }, "TEXT_INVALID"],
    ["with an old etag", { etag: "7" }, "ETAG_MISMATCH"],
  ];

  test.each(wrong)("%s is refused and leaves nothing behind", async (_, more, reason) => {
    const permissions = await (await robot()).open();
    const request = { ...yes(UPLOAD), level: "frames" as const, ...more };
    expect(await reasonOf(() => permissions.grant(request))).toBe(reason);
    expect(await reasonOf(() => permissions.grant({ ...request, validateOnly: true }))).toBe(
      reason,
    );
    expect(permissions.gate.epoch).toBe(0n);
    expect(permissions.list().some(({ granted }) => granted)).toBe(false);
  });

  test("is recorded with everything that was said", async () => {
    const { open, clock } = await robot();
    const permissions = await open({ policyDigest: () => new Uint8Array(32).fill(0xab) });
    const { permission, epoch } = await permissions.grant({
      permission: UPLOAD,
      level: "full",
      purpose: "research",
      recipient: RECIPIENT,
      affirmativeAct: "在“设置 > 隐私”中勾选 😀",
      policyVersion: "2026-03",
      ttlMs: DAY_MS,
      requestId: UUID.toUpperCase(),
      decidedBy: { role: "guardian", client: "parents-app" },
    });
    expect(epoch).toBe(1n);
    expect(permission).toMatchObject({
      granted: true,
      level: "full",
      purpose: "research",
      recipient: RECIPIENT,
      updateTimeMs: clock.wall,
      expireTimeMs: clock.wall + DAY_MS,
      etag: "1",
    });
    const [event] = permissions.events(0n, 10);
    expect(JSON.parse(event!.entry)).toEqual({
      epoch: 1,
      action: "grant",
      permission: UPLOAD,
      level: "full",
      purpose: "research",
      recipient: RECIPIENT,
      policy_version: "2026-03",
      policy_digest: "ab".repeat(32),
      affirmative_act: "在“设置 > 隐私”中勾选 😀",
      decided_by: { role: "guardian", client: "parents-app" },
      time: "2026-03-01T12:00:00.000Z",
      expire_time: "2026-03-02T12:00:00.000Z",
      request_id: UUID,
    });
  });

  test("that is only checked changes nothing", async () => {
    const permissions = await (await robot()).open();
    const answer = await permissions.grant(yes(UPLOAD, { validateOnly: true, requestId: UUID }));
    expect([answer.permission.granted, answer.epoch]).toEqual([false, 0n]);
    expect(permissions.events(0n, 10)).toEqual([]);
    // Its id is as new as before.
    expect((await permissions.grant(yes("robot-logs-local", { requestId: UUID }))).epoch).toBe(1n);
  });
});

describe("a withdrawal", () => {
  test("needs no act, takes one, and keeps who decided", async () => {
    const permissions = await (await robot()).open();
    await permissions.grant(yes(UPLOAD));
    await permissions.withdraw(no(UPLOAD, { affirmativeAct: "" }));
    await permissions.grant(yes(UPLOAD));
    await permissions.withdraw(no(UPLOAD, { affirmativeAct: "switched it off" }));
    const acts = permissions.events(0n, 10).map(({ entry }) => JSON.parse(entry).affirmative_act);
    expect(acts).toEqual(["ticked the box", undefined, "ticked the box", "switched it off"]);
    expect(
      await reasonOf(() => permissions.withdraw(no(UPLOAD, { affirmativeAct: "\u0007" }))),
    ).toBe("TEXT_INVALID");
  });

  test("of what is off changes nothing and is not recorded", async () => {
    const permissions = await (await robot()).open();
    const answer = await permissions.withdraw(no(UPLOAD));
    expect([answer.permission.granted, answer.epoch]).toEqual([false, 0n]);
    expect(permissions.events(0n, 10)).toEqual([]);
  });
});

describe("a request id", () => {
  test("gets the same answer again, whatever came between, also after a restart", async () => {
    const { open, clock } = await robot();
    const first = await open();
    const request = yes(UPLOAD, { requestId: UUID, ttlMs: DAY_MS, etag: "0" });
    const answer = await first.grant(request);
    await first.withdraw(no(UPLOAD));
    clock.pass(2 * DAY_MS);
    expect(await first.grant(request)).toEqual(answer);
    expect(await first.grant({ ...request, requestId: UUID.toUpperCase() })).toEqual(answer);
    await first.close();
    const second = await open();
    expect(await second.grant(request)).toEqual(answer);
    expect(second.gate.epoch).toBe(2n);
    expect(second.get(UPLOAD).granted).toBe(false);
  });

  test("with any other content is refused", async () => {
    const permissions = await (await robot()).open();
    const request = yes(UPLOAD, { requestId: UUID });
    await permissions.grant(request);
    const others: GrantRequest[] = [
      { ...request, permission: "robot-house_plan-upload" },
      { ...request, level: "full" },
      { ...request, purpose: "analyse" },
      { ...request, affirmativeAct: "said so" },
      { ...request, policyVersion: "2" },
      { ...request, ttlMs: 1 },
      { ...request, decidedBy: { role: "guardian", client: OWNER.client } },
      { ...request, decidedBy: { role: "owner", client: "another app" } },
    ];
    for (const other of others) {
      expect(await reasonOf(() => permissions.grant(other))).toBe("REQUEST_ID_REUSED");
    }
    expect(await reasonOf(() => permissions.withdraw(no(UPLOAD, { requestId: UUID })))).toBe(
      "REQUEST_ID_REUSED",
    );
    expect(permissions.gate.epoch).toBe(1n);
    expect(permissions.get(UPLOAD).granted).toBe(true);
  });
});

test("changes asked for at once are made one after the other", async () => {
  const permissions = await (await robot()).open();
  const asked = Array.from({ length: 20 }, (_, i) =>
    i % 2 === 0 ? permissions.grant(yes(UPLOAD)) : permissions.withdraw(no(UPLOAD)),
  );
  const epochs = (await Promise.all(asked)).map(({ epoch }) => Number(epoch));
  expect(epochs).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
  expect(permissions.get(UPLOAD).granted).toBe(false);
});
