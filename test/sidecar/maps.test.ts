/** Maps through a whole sidecar: what is held, what is released and opens, and what is held back. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type ReleaseView,
  receiptWords,
  type SensorStream,
  type SidecarClient,
} from "../../host/client/index.ts";
import type { Tile } from "../../host/core/tile.ts";
import { Level } from "../../host/gen/mapveil/v1/types_pb.ts";
import { parseHeader } from "../../host/veil/header.ts";
import { openVeil } from "../../host/veil/open.ts";
import { roomScan } from "./room-scans.ts";
import { LIDAR, LIMITS, policyOf, RECIPIENT, Robot, spooledBy, sumOf, until } from "./support.ts";

const ACT = { affirmativeAct: "ticked the box in the test" };
const MAP = "level: map\nmap: { leaf_m: 0.1, hold_back: 1s }";
const SCAN = roomScan(0);

function mapsOf(robot: Robot) {
  const { mapped, mappedReleased, mappedLost } = robot.accounts();
  return [mapped, mappedReleased, mappedLost];
}

async function pushRoom(stream: SensorStream, from: number, to: number, hasLamp = false) {
  const scans = Array.from({ length: to - from }, (_, i) => roomScan(from + i, hasLamp));
  return (await Promise.all(scans.map((scan) => stream.push(scan)))).map(receiptWords);
}

/** Metres from the lowest to the highest cell. */
function heightOf({ positions }: Tile): number {
  const heights = positions.filter((_, i) => i % 3 === 2);
  return Math.max(...heights) - Math.min(...heights);
}

function released(view: ReleaseView | undefined) {
  if (view?.outcome === "released") return view;
  throw new Error(`the release was ${JSON.stringify(view?.outcome)}`);
}

describe("a robot whose owner allows maps", () => {
  let robot: Robot;
  let owner: SidecarClient;
  let stream: SensorStream;
  const told: ReleaseView[] = [];
  beforeAll(async () => {
    robot = await Robot.start({ policy: policyOf(`level: full\n${MAP.slice(11)}`) });
    owner = await robot.grantLidar(Level.MAP);
    const onRelease = (release: ReleaseView) => told.push(release);
    stream = await (await robot.sensor()).open({ layout: SCAN.layout, onRelease });
  });
  afterAll(() => robot.end());

  const artefacts: ReleaseView[] = [];

  test("holds its frames, and says so everywhere", async () => {
    expect(await pushRoom(stream, 0, 8)).toEqual(Array(8).fill("held"));
    expect(await pushRoom(stream, 8, 10, true)).toEqual(Array(2).fill("held"));
    expect(mapsOf(robot)).toEqual([10, 0, 0]);
    const { accounting, streams, spool } = await owner.status();
    expect(accounting).toMatchObject({
      captured: 10n,
      mapped: 10n,
      mappedReleased: 0n,
      mappedLost: 0n,
    });
    expect(streams[0]!.map).toMatchObject({ scans: 10, heldBack: 2 });
    expect(spool!.artefacts).toBe(0n);
  });

  test("releases what is old enough, and then what has become so", async () => {
    const first = released(await stream.release());
    expect(first).toMatchObject({ level: "map", scans: 8 });
    expect(await stream.release()).toMatchObject({ outcome: "nothing", heldBack: 2 });
    await pushRoom(stream, 10, 14, true);
    const second = released(await stream.release());
    expect(second.scans).toBe(12);
    expect(second.voxels).toBeGreaterThan(first.voxels);
    expect(mapsOf(robot)).toEqual([14, 12, 0]);
    artefacts.push(first, second);
  });

  test("refuses what does not fit, and the map is as it was", async () => {
    const { stampNs: _, ...timeless } = roomScan(14);
    const { pose: __, ...placeless } = roomScan(14);
    const away = { translation: [40, 0, 1], quaternion: [0, 0, 0, 1] } as const;
    expect(receiptWords(await stream.push(timeless))).toBe("refused STAMP_MISSING");
    expect(receiptWords(await stream.push(placeless))).toBe("refused POSE_MISSING");
    expect(receiptWords(await stream.push(roomScan(3)))).toBe("refused TIME_BACKWARDS");
    expect(receiptWords(await stream.push({ ...roomScan(14), pose: away }))).toBe(
      "refused POSE_JUMP",
    );
    const beam = new Float32Array(3 * 500).fill(1);
    const stuck = { ...roomScan(14), count: 500, data: new Uint8Array(beam.buffer) };
    expect(receiptWords(await stream.push(stuck))).toBe("refused BEAM_STUCK");
    const ok = await stream.push(roomScan(14));
    expect(ok).toMatchObject({ outcome: "held", scans: 15 });
  });

  test("releases for the last time at the end of the stream", async () => {
    await stream.end();
    expect(told).toHaveLength(1);
    expect(released(told[0]).scans).toBe(13);
    artefacts.push(told[0]!);
    await until(() => robot.sidecar.status().streams.length === 0);
    expect(mapsOf(robot)).toEqual([15, 13, 2]);
    const accounts = robot.accounts();
    expect(sumOf(accounts)).toBe(accounts.captured);
    expect(accounts).toMatchObject({ captured: 23, spooled: 3 });
  });

  test("every release opens with the recipient's key, and none holds what was held back", async () => {
    const { veils, artefacts: spooled } = await spooledBy(robot);
    expect(spooled.map(({ level }) => level)).toEqual(["map", "map", "map"]);
    const tiles: Tile[] = [];
    for (const view of artefacts) {
      const { artefactId, voxels, sealedBytes } = released(view);
      const veil = veils.get(artefactId)!;
      expect(veil.length).toBe(sealedBytes);
      expect(parseHeader(veil).kind).toBe("map");
      const opened = await openVeil(veil, RECIPIENT);
      expect(opened).toHaveLength(1);
      expect(opened[0]).toMatchObject({ voxels, hasOrigin: false, leafM: expect.closeTo(0.1) });
      expect(JSON.stringify(opened[0]!.strings)).not.toContain("SN-4711");
      expect(opened[0]!.stampNs).toBeUndefined();
      tiles.push(opened[0]!);
    }
    // The lamp was seen in the last scans alone: the first release is as high as the room.
    expect(heightOf(tiles[0]!)).toBeLessThan(2.6);
    expect(heightOf(tiles[1]!)).toBeGreaterThan(4.5);
    expect(heightOf(tiles[2]!)).toBeGreaterThan(4.5);
  });
});

test("a withdrawal takes the map out of memory at once, and its releases off the disk", async () => {
  const robot = await Robot.start({ policy: policyOf(MAP) });
  try {
    const owner = await robot.grantLidar(Level.MAP);
    const stream = await (await robot.sensor()).open({ layout: SCAN.layout });
    await pushRoom(stream, 0, 6);
    released(await stream.release());
    await pushRoom(stream, 6, 8);
    const answer = await owner.withdrawPermission({ name: LIDAR });
    expect(answer.destroyedArtefacts).toBe(1n);
    expect(robot.sidecar.status().streams[0]!.map).toBeUndefined();
    await until(() => mapsOf(robot)[2] === 4);
    expect(mapsOf(robot)).toEqual([8, 4, 4]);
    expect(await pushRoom(stream, 8, 9)).toEqual(["refused UPLOAD_OFF"]);
    expect(await stream.release()).toMatchObject({ outcome: "nothing" });
    await owner.grantPermission({ name: LIDAR, level: Level.MAP, ...ACT });
    const again = await stream.push(roomScan(9));
    expect(again).toMatchObject({ outcome: "held", scans: 1 });
    await owner.grantPermission({ name: LIDAR, level: Level.PLAN, ...ACT });
    await until(() => mapsOf(robot)[2] === 5);
    await stream.end();
    const accounts = robot.accounts();
    expect(accounts.spooled).toBe(0);
    expect(sumOf(accounts)).toBe(accounts.captured);
  } finally {
    await robot.end();
  }
});

test("level plan releases a plan of what the map holds", async () => {
  const robot = await Robot.start({ policy: policyOf(MAP) });
  try {
    await robot.grantLidar(Level.PLAN);
    const stream = await (await robot.sensor()).open({ layout: SCAN.layout });
    await pushRoom(stream, 0, 8);
    const release = released(await stream.release());
    expect(release.level).toBe("plan");
    await stream.end();
    const { veils, artefacts } = await spooledBy(robot);
    expect(artefacts.map(({ level }) => level)).toEqual(["plan"]);
    const veil = veils.get(release.artefactId)!;
    expect(parseHeader(veil).kind).toBe("grid");
    const [tile] = await openVeil(veil, RECIPIENT);
    expect(tile!.voxels).toBe(release.voxels);
    expect(heightOf(tile!)).toBeLessThan(1);
  } finally {
    await robot.end();
  }
});

test("a stop releases maps; a state that a sidecar left behind says what was lost with its memory", async () => {
  const robot = await Robot.start({ policy: policyOf(MAP) });
  try {
    await robot.grantLidar(Level.MAP);
    const stream = await (await robot.sensor()).open({ layout: SCAN.layout });
    await pushRoom(stream, 0, 6);
    await robot.sidecar.stop(5000);
    await robot.restart();
    expect(mapsOf(robot)).toEqual([6, 4, 2]);
    expect(robot.accounts()).toMatchObject({ captured: 7, spooled: 1 });
  } finally {
    await robot.end();
  }
});

test("frames that come faster than a sensor may send them are dropped, by their own time", async () => {
  const robot = await Robot.start({ limits: { ...LIMITS, rateHz: 20 } });
  try {
    await robot.grantLidar();
    const stream = await (await robot.sensor()).open({ layout: SCAN.layout });
    const words = new Map<string, number>();
    for (let i = 0; i < 60; i++) {
      // Two hundred a second.
      const receipt = await stream.push({ ...SCAN, count: 1, stampNs: BigInt(i) * 5_000_000n });
      words.set(receiptWords(receipt), (words.get(receiptWords(receipt)) ?? 0) + 1);
    }
    expect([...words.keys()].sort()).toEqual(["accepted", "dropped TOO_FAST"]);
    expect(words.get("accepted")).toBeLessThan(30);
    expect(robot.accounts().refused.TOO_FAST).toBe(words.get("dropped TOO_FAST"));
    // A recording that is pushed as fast as it goes was captured at ten a second.
    for (let i = 0; i < 30; i++) {
      const stampNs = 10_000_000_000n + BigInt(i) * 100_000_000n;
      expect(receiptWords(await stream.push({ ...SCAN, count: 1, stampNs }))).toBe("accepted");
    }
  } finally {
    await robot.end();
  }
});
