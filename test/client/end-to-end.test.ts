/** The whole way: a robot's frames through sidecar and receiver to a consumer who opens them. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  ReceiverClient,
  type ReleaseView,
  receiptWords,
  type SidecarClient,
} from "../../host/client/index.ts";
import { systemClock } from "../../host/core/clock.ts";
import type { Artefact } from "../../host/gen/mapveil/v1/artefact_service_pb.ts";
import { LinkStatus_State } from "../../host/gen/mapveil/v1/status_service_pb.ts";
import { Level } from "../../host/gen/mapveil/v1/types_pb.ts";
import { keyIdText, recipientKeyId } from "../../host/keys/index.ts";
import { Receiver } from "../../host/receiver/index.ts";
import { createAuthority, issueCertificate } from "../../host/rpc/index.ts";
import { SILENT } from "../../host/telemetry/log.ts";
import { openVeil } from "../../host/veil/open.ts";
import { roomScan } from "../sidecar/room-scans.ts";
import {
  frameOf,
  LIDAR,
  RECIPIENT,
  Robot,
  sumOf,
  temporaryFolder,
  until,
} from "../sidecar/support.ts";

const KEY_ID = keyIdText(recipientKeyId(RECIPIENT.publicKey));
const FRAMES = [1, 2, 3].map((seed) => frameOf(seed, { points: 4000 }));
/** Artefacts on their way at the same time. */
const PARALLEL = 2;
const folder = temporaryFolder();
const authority = createAuthority({ name: "test", days: 2 });

/** PEM files of a certificate. */
function certificate(name: string, role: "server" | "client") {
  const names =
    role === "server" ? { dnsNames: ["localhost"] } : { uris: [`spiffe://test/${name}`] };
  const issued = issueCertificate(authority, { role, days: 1, ...names });
  mkdirSync(join(folder.path, name));
  const write = (what: string, text: string) => {
    const path = join(folder.path, name, `${what}.pem`);
    writeFileSync(path, text);
    return path;
  };
  return {
    certificatePath: write("certificate", issued.certificate),
    keyPath: write("key", issued.key),
    caPath: write("ca", authority.certificate),
  };
}

let receiver: Receiver;
let robot: Robot;
let owner: SidecarClient;
let consumer: ReceiverClient;
beforeAll(async () => {
  const { caPath, ...server } = certificate("server", "server");
  receiver = await Receiver.start({
    listen: "127.0.0.1:0",
    dataDir: join(folder.path, "data"),
    ...server,
    clientCaPath: caPath,
    clients: [
      {
        name: "fleet",
        certificateName: "spiffe://test/fleet",
        roles: ["ingest"],
        recipients: [KEY_ID],
      },
      {
        name: "reader",
        certificateName: "spiffe://test/reader",
        roles: ["consumer"],
        recipients: [KEY_ID],
      },
    ],
    limits: {
      artefactBytes: 2 ** 24,
      recipientBytes: 2 ** 30,
      callsPerClient: 32,
      unfinishedPerClient: 32,
      bytesPerSPerClient: 0,
      unfinishedMaxAgeMs: 86_400_000,
      stallTimeoutMs: 10_000,
    },
    log: SILENT,
    clock: systemClock,
  });
  const at = { address: `127.0.0.1:${receiver.port}`, serverName: "localhost" };
  robot = await Robot.start({
    uplink: {
      ...at,
      ...certificate("fleet", "client"),
      chunkBytes: 65_536,
      parallel: PARALLEL,
      bandwidthBytesPerS: 0,
      stallTimeoutMs: 5000,
      purpose: "provide",
      pseudonymEpochMs: 86_400_000,
      cadenceMs: 0,
      perTick: 1_000_000,
    },
  });
  owner = await robot.grantLidar();
  consumer = await ReceiverClient.create({ ...at, ...certificate("reader", "client") });
});
afterAll(async () => {
  consumer?.close();
  await robot?.end();
  await receiver?.stop(1000);
  folder.remove();
});

describe("frames that the owner lets out", () => {
  const names: string[] = [];
  let artefacts: Artefact[];

  test("arrive at the receiver under the ids of their receipts", async () => {
    const stream = await (await robot.sensor()).open({ layout: FRAMES[0]!.layout });
    for (const frame of FRAMES) {
      const receipt = await stream.push(frame);
      if (receipt.outcome !== "accepted") throw new Error(receiptWords(receipt));
      names.push(`recipients/${KEY_ID}/artefacts/${receipt.artefactId}`);
    }
    await stream.end();
    await until(() => robot.accounts().uploaded === FRAMES.length);
    const accounts = robot.accounts();
    expect(accounts).toMatchObject({ captured: 3, spooled: 0, refused: {} });
    expect(sumOf(accounts)).toBe(3);
    artefacts = [];
    for await (const artefact of consumer.list(KEY_ID)) artefacts.push(artefact);
    expect(artefacts.map(({ name }) => name).sort()).toEqual([...names].sort());
    const { link } = await owner.status();
    expect(link?.state).toBe(LinkStatus_State.IDLE);
    expect(link?.sentBytes).toBe(artefacts.reduce((sum, { size }) => sum + size, 0n));
    expect(link?.confirmTime).toBeDefined();
  });

  test("open to what the robot saw, downsampled", async () => {
    for (const [i, name] of names.entries()) {
      const veil = await consumer.download(name);
      const [tile] = await openVeil(veil, RECIPIENT);
      expect(tile!.voxels).toBeGreaterThan(1000);
      expect(tile!.voxels).toBeLessThanOrEqual(FRAMES[i]!.count);
      expect((await consumer.get(name)).size).toBe(BigInt(veil.length));
      const pieces: Uint8Array[] = [];
      for await (const piece of consumer.downloadPieces(name)) pieces.push(piece);
      expect(Buffer.concat(pieces).equals(veil)).toBe(true);
      await expect(consumer.download(name, 100)).rejects.toMatchObject({ code: "TOO_LARGE" });
    }
  });

  test("are told of as they come, from any place on", async () => {
    const leave = new AbortController();
    const seen: string[] = [];
    let token = "";
    for await (const { artefact, resumeToken } of consumer.watch(KEY_ID, {
      signal: leave.signal,
    })) {
      seen.push(artefact!.name);
      if (seen.length === 2) token = resumeToken;
      if (seen.length === 3) break;
    }
    expect([...seen].sort()).toEqual([...names].sort());
    const { signal } = leave;
    for await (const { artefact } of consumer.watch(KEY_ID, { resumeToken: token, signal })) {
      expect(artefact!.name).toBe(seen[2]);
      break;
    }
  });

  test("are deleted when the consumer says so, once and for good", async () => {
    const name = names[0]!;
    const stale = consumer.delete(name, { etag: "x" });
    await expect(stale).rejects.toMatchObject({ code: "ABORTED" });
    const { etag } = await consumer.get(name);
    await consumer.delete(name, { etag });
    await expect(consumer.get(name)).rejects.toMatchObject({ code: "NOT_FOUND" });
    await expect(consumer.download(name)).rejects.toMatchObject({ code: "NOT_FOUND" });
    await expect(consumer.delete(name)).rejects.toMatchObject({ code: "NOT_FOUND" });
    await consumer.delete(name, { allowMissing: true });
  });

  test("are others' business only if they are theirs", async () => {
    const other = "0011223344556677";
    await expect(consumer.get(`recipients/${other}/artefacts/abcd`)).rejects.toMatchObject({
      code: "PERMISSION_DENIED",
    });
  });
});

test("after a withdrawal nothing arrives any more, and what did arrive stays", async () => {
  const stream = await (await robot.sensor()).open({ layout: FRAMES[0]!.layout });
  const pushes = Array.from({ length: 20 }, (_, i) => stream.push(FRAMES[i % 3]!));
  await Promise.race(pushes);
  await owner.withdrawPermission({ name: LIDAR });
  const uploaded = robot.accounts().uploaded;
  expect((await Promise.all(pushes)).every(({ outcome }) => outcome !== "dropped")).toBe(true);
  expect(await stream.push(FRAMES[0]!)).toMatchObject({ outcome: "refused" });
  expect(robot.sidecar.status().spool.artefacts).toBe(0);
  await owner.grantPermission({ name: LIDAR, level: Level.FRAMES, affirmativeAct: "yes again" });
  expect(await stream.push(FRAMES[0]!)).toMatchObject({ outcome: "accepted" });
  await until(() => robot.accounts().uploaded === uploaded + 1);
  const accounts = robot.accounts();
  expect(sumOf(accounts)).toBe(accounts.captured);
  // One was deleted above. Those that were on their way may be there without having been confirmed.
  const kept = receiver.accounts().kept - (accounts.uploaded - 1);
  expect(kept).toBeGreaterThanOrEqual(0);
  expect(kept).toBeLessThanOrEqual(PARALLEL);
});

test("at level map a release arrives, and nothing else: it opens to the map", async () => {
  await owner.grantPermission({ name: LIDAR, level: Level.MAP, affirmativeAct: "maps only" });
  const { uploaded } = robot.accounts();
  const releases: ReleaseView[] = [];
  const onRelease = (release: ReleaseView) => releases.push(release);
  const stream = await (await robot.sensor()).open({ layout: roomScan(0).layout, onRelease });
  // Half a second apart, under a policy that holds ten seconds back.
  for (let i = 0; i < 26; i++) {
    expect(await stream.push(roomScan(i))).toMatchObject({ outcome: "held", scans: i + 1 });
  }
  await stream.end();
  const [release] = releases;
  if (releases.length !== 1 || release?.outcome !== "released") throw new Error("no release");
  expect(release).toMatchObject({ level: "map", scans: 6 });
  await until(() => robot.accounts().uploaded === uploaded + 1);
  const veil = await consumer.download(`recipients/${KEY_ID}/artefacts/${release.artefactId}`);
  const [tile] = await openVeil(veil, RECIPIENT);
  expect(tile!.voxels).toBe(release.voxels);
  const accounts = robot.accounts();
  expect(accounts).toMatchObject({ mapped: 26, mappedReleased: 6, spooled: 0 });
  await until(() => robot.accounts().mappedLost === 20);
  expect(sumOf(accounts)).toBe(accounts.captured);
});
