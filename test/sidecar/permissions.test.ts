/** PermissionService and StatusService: lists, pages, changes and what they are told in. */
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { durationFromMs, timestampFromMs, timestampMs } from "@bufbuild/protobuf/wkt";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { SidecarClient } from "../../host/client/index.ts";
import { PermissionService } from "../../host/gen/mapveil/v1/permission_service_pb.ts";
import { LinkStatus_State } from "../../host/gen/mapveil/v1/status_service_pb.ts";
import { DataClass, Level, Platform, Purpose, Use } from "../../host/gen/mapveil/v1/types_pb.ts";
import { keyIdText, recipientKeyId } from "../../host/keys/index.ts";
import { createClient, openChannel, type ServiceClient } from "../../host/rpc/index.ts";
import { LIDAR, LOCAL, RECIPIENT, Robot } from "./support.ts";

const ACT = { affirmativeAct: "ticked the box in the test" };
const GRANT = { name: LIDAR, level: Level.FRAMES, ...ACT };

let robot: Robot;
let owner: SidecarClient;
let raw: ServiceClient<typeof PermissionService>;
let channel: ReturnType<typeof openChannel>;
beforeAll(async () => {
  robot = await Robot.start();
  owner = await robot.client("app");
  channel = openChannel({ unixPath: robot.options.socketPath });
  const token = readFileSync(robot.tokenPath("app"), "utf8").trim();
  raw = createClient(PermissionService, channel, { headers: { authorization: `Bearer ${token}` } });
});
afterAll(async () => {
  channel.close();
  await robot.end();
});

describe("lists", () => {
  test("are whole and in order, whatever the size of the pages", async () => {
    const all = await owner.listPermissions();
    const names = all.map(({ name }) => name);
    expect(names).toEqual([...new Set(names)].sort());
    expect(all.every(({ granted }) => !granted)).toBe(true);
    for (const pageSize of [1, 7, names.length, names.length + 1]) {
      const found: string[] = [];
      let pageToken = "";
      do {
        const page = await raw.listPermissions({ pageSize, pageToken });
        expect(page.permissions.length).toBeLessThanOrEqual(pageSize);
        found.push(...page.permissions.map(({ name }) => name));
        pageToken = page.nextPageToken;
      } while (pageToken !== "");
      expect(found).toEqual(names);
    }
    const ios = await owner.listPermissions(Platform.IOS);
    expect(ios.length).toBeGreaterThan(5);
    expect(ios.every(({ platform }) => platform === Platform.IOS)).toBe(true);
  });

  test("take no page that is not theirs", async () => {
    const { nextPageToken } = await raw.listPermissions({ pageSize: 1 });
    const wrong = { code: "INVALID_ARGUMENT", fieldViolations: [{ field: "page_token" }] };
    const tokens = [
      raw.listPermissions({ pageToken: nextPageToken, platform: Platform.IOS }),
      raw.listPermissions({ pageToken: "????" }),
      raw.listPermissions({ pageToken: "A".repeat(10_000) }),
      raw.listPermissionEvents({ pageToken: nextPageToken }),
      raw.listPermissionEvents({
        pageToken: Buffer.from("permission events\n-1").toString("base64url"),
      }),
    ];
    for (const call of tokens) await expect(call).rejects.toMatchObject(wrong);
    await expect(raw.listPermissions({ pageSize: -1 })).rejects.toMatchObject({
      fieldViolations: [{ field: "page_size" }],
    });
    await expect(raw.listPermissions({ platform: 99 as Platform })).rejects.toMatchObject({
      fieldViolations: [{ field: "platform" }],
    });
  });
});

test("a permission says what depends on it, in the language of the caller", async () => {
  const chinese = await robot.client("watch", "zh");
  const [en, zh] = [await owner.getPermission(LIDAR), await chinese.getPermission(LIDAR)];
  expect(en).toMatchObject({
    name: LIDAR,
    platform: Platform.ROBOT,
    dataClass: DataClass.LIDAR,
    use: Use.UPLOAD,
    granted: false,
    recipient: "",
  });
  expect(en.consequence).not.toMatch(/[\u4e00-\u9fff]/);
  expect(zh.consequence).toMatch(/[\u4e00-\u9fff]/);
  expect(en.etag).toBe(zh.etag);
  for (const name of ["permissions/none", "robot-lidar-upload", "", "permissions/__proto__"]) {
    await expect(owner.getPermission(name)).rejects.toMatchObject({
      code: "NOT_FOUND",
      reason: "PERMISSION_UNKNOWN",
    });
  }
});

test.each<[string, Parameters<SidecarClient["grantPermission"]>[0], string]>([
  ["no level", { name: LIDAR, ...ACT }, "INVALID_ARGUMENT"],
  ["a level from the future", { ...GRANT, level: 77 as Level }, "INVALID_ARGUMENT"],
  ["a level for what has none", { name: LOCAL, level: Level.FULL, ...ACT }, "INVALID_ARGUMENT"],
  ["no act", { ...GRANT, affirmativeAct: "" }, "INVALID_ARGUMENT"],
  ["a purpose from the future", { ...GRANT, purpose: 9 as Purpose }, "INVALID_ARGUMENT"],
  ["another recipient", { ...GRANT, recipient: "0011223344556677" }, "FAILED_PRECONDITION"],
  ["an id that is none", { ...GRANT, requestId: "1" }, "INVALID_ARGUMENT"],
  ["an etag of the past", { ...GRANT, etag: "x" }, "ABORTED"],
  [
    "an end in the past",
    { ...GRANT, expiration: { case: "expireTime", value: timestampFromMs(1000) } },
    "INVALID_ARGUMENT",
  ],
  [
    "no time at all",
    { ...GRANT, expiration: { case: "ttl", value: durationFromMs(-1) } },
    "INVALID_ARGUMENT",
  ],
  [
    "all of time",
    { ...GRANT, expiration: { case: "ttl", value: { seconds: 2n ** 62n, nanos: 0 } } },
    "INVALID_ARGUMENT",
  ],
])("a grant with %s is refused, and changes nothing", async (_, request, code) => {
  const { epoch } = robot.sidecar.status();
  await expect(owner.grantPermission(request)).rejects.toMatchObject({ code });
  expect(robot.sidecar.status().epoch).toBe(epoch);
});

describe("changes", () => {
  test("are in the answer, the list, the watch and the ledger", async () => {
    const leave = new AbortController();
    const seen: string[] = [];
    const size = (await owner.listPermissions()).length;
    const watch = (async () => {
      for await (const { permission, permissionEpoch } of owner.watchPermissions(leave.signal)) {
        seen.push(`${permission!.name} ${permission!.granted} ${permissionEpoch}`);
      }
    })();
    watch.catch(() => {});
    await expect.poll(() => seen.length).toBe(size);
    const ttl = { case: "ttl", value: durationFromMs(3_600_000) } as const;
    const answer = await owner.grantPermission({
      ...GRANT,
      purpose: Purpose.RESEARCH,
      policyVersion: "2026-11",
      expiration: ttl,
    });
    const { permission } = answer;
    expect(permission).toMatchObject({
      granted: true,
      level: Level.FRAMES,
      purpose: Purpose.RESEARCH,
      recipient: keyIdText(recipientKeyId(RECIPIENT.publicKey)),
    });
    const end = timestampMs(permission!.expireTime!) - Date.now();
    expect(Math.abs(end - 3_600_000)).toBeLessThan(60_000);
    expect(await owner.getPermission(LIDAR)).toEqual(permission);
    await expect.poll(() => seen.length).toBe(size + 1);
    expect(seen.at(-1)).toBe(`${LIDAR} true ${answer.permissionEpoch}`);
    leave.abort();
    await expect(watch).rejects.toMatchObject({ code: "CANCELLED" });
    const events = [];
    for await (const { event, publicKey } of owner.history()) {
      expect(publicKey).toHaveLength(32);
      events.push(event);
    }
    expect(events.at(-1)).toMatchObject({ epoch: answer.permissionEpoch });
    expect(events.at(-1)!.entry).toContain("ticked the box in the test");
    expect(events.at(-1)!.signature).toHaveLength(64);
  });

  test("happen once for a request that is repeated, and not at all when only checked", async () => {
    const request = { name: LOCAL, ...ACT, requestId: randomUUID() };
    const { permissionEpoch } = await owner.grantPermission(request);
    expect((await owner.grantPermission(request)).permissionEpoch).toBe(permissionEpoch);
    await owner.grantPermission({ ...GRANT, validateOnly: true });
    expect(robot.sidecar.status().epoch).toBe(permissionEpoch);
    await expect(
      owner.grantPermission({ ...request, name: LIDAR, level: Level.FULL }),
    ).rejects.toMatchObject({ code: "INVALID_ARGUMENT", reason: "REQUEST_ID_REUSED" });
  });

  test("of a guardian count, and the ledger says so", async () => {
    const guardian = await robot.client("carer");
    await guardian.withdrawPermission({ name: LOCAL });
    const events = [];
    for await (const { event } of owner.history()) events.push(event);
    expect(events.at(-1)!.entry).toContain("guardian");
    expect((await owner.getPermission(LOCAL)).granted).toBe(false);
  });

  test("pages of the ledger are whole", async () => {
    const epochs: bigint[] = [];
    let pageToken = "";
    do {
      const page = await raw.listPermissionEvents({ pageSize: 1, pageToken });
      epochs.push(...page.events.map(({ epoch }) => epoch));
      pageToken = page.nextPageToken;
    } while (pageToken !== "");
    expect(epochs.length).toBeGreaterThan(2);
    expect(epochs).toEqual(epochs.map((_, i) => BigInt(i + 1)));
  });
});

test("a feature that may not run is refused with everything that a person needs", async () => {
  const views = await owner.listPermissions(Platform.ANDROID);
  const off = views.find(({ granted, features }) => !granted && features.some((f) => f.blocked))!;
  const feature = off.features.find(({ blocked }) => blocked)!.id;
  await expect(owner.checkFeature({ platform: Platform.ANDROID, feature })).rejects.toMatchObject({
    code: "PERMISSION_DENIED",
    metadata: { permission: expect.any(String), restore_command: expect.stringMatching(/mapveil/) },
  });
  await expect(
    owner.checkFeature({ platform: Platform.ANDROID, feature: "flying" }),
  ).rejects.toMatchObject({
    code: "NOT_FOUND",
    reason: "FEATURE_UNKNOWN",
  });
  await expect(owner.checkFeature({ feature })).rejects.toMatchObject({
    fieldViolations: [{ field: "platform" }],
  });
});

test("the status of a sidecar without a receiver", async () => {
  const status = await (await robot.client("watch")).status();
  expect(status.link?.state).toBe(LinkStatus_State.DISABLED);
  expect(status.accounting).toMatchObject({ captured: 0n, refused: [], evicted: [] });
  expect(status.spool).toMatchObject({ artefacts: 0n, diskFull: false });
  expect(status.spool?.oldestTime).toBeUndefined();
  expect(status.permissionEpoch).toBe(robot.sidecar.status().epoch);
  expect(timestampMs(status.startTime!)).toBeLessThanOrEqual(Date.now());
});
