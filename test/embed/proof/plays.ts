/**
 * What is played on every machine: real scans and frames under all that a policy can ask, made-up
 * frames of every number type, and what must be refused.
 *
 * The file that player.c reads, little-endian: u32 plays, stored seed, fresh bytes, recipient (32 each);
 * then each play: u32 session, points a push, points, bytes of policy and metadata, kind, MAP_* bits, 0;
 * LAYOUT, FRAME, MAP, policy, metadata, points.
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as abi from "../../../assembly/abi.ts";
import { uniform } from "../../../bench/inputs/random.ts";
import type { FieldType, Frame, PointField, Pose } from "../../../host/core/frame.ts";
import { putFrame, putLayout } from "../../../host/core/frame-structs.ts";
import { type MapTerms, putMapTerms } from "../../../host/core/map.ts";
import { readFrames } from "../../../host/embed/tools/frames.ts";
import { keyPairOf } from "../../../host/keys/recipient-key.ts";
import {
  compilePolicy,
  compileScans,
  defaultPolicy,
  narrowPolicy,
  type Policy,
} from "../../../host/policy/index.ts";

const DATA = fileURLToPath(new URL("../../data/", import.meta.url));
export const SCANS = join(DATA, "scan2d_carmen/mit-csail_every16th.clf.gz");
const VLP16 = join(DATA, "nebula/vlp16_1673400472138016708.pcd");
export const XT32 = join(DATA, "nebula/xt32_1673400678101968885.pcd");
export const OS1 = join(DATA, "ouster/OS-1-128_v2.3.0_1024x10_lb_n3.pcap");

export const PROFILES = ["micro", "standard", "wide"] as const;
export type Profile = (typeof PROFILES)[number];

/** What a play does with a map. */
export const MAP_BEGINS = 1;
export const MAP_ADDS = 2;
export const MAP_RELEASES = 4;

export interface Play {
  readonly name: string;
  readonly frame: Frame;
  /** The POLICY struct with what is behind it. */
  readonly policy: Uint8Array;
  readonly metadata: Uint8Array;
  /** Secret offset and direction, where a session begins with this play. */
  readonly session?: readonly number[];
  readonly pushPoints: number;
  /** Only where the core makes maps: it begins, or goes on, and is released behind this play. */
  readonly map?: { readonly terms?: MapTerms; readonly releases?: boolean };
}

/** Seeds and key of the proof: anything, and always the same. */
export const SEEDS = {
  stored: Uint8Array.from({ length: 32 }, (_, i) => 3 * i + 1),
  fresh: Uint8Array.from({ length: 32 }, (_, i) => 250 - 5 * i),
};
export const RECIPIENT = keyPairOf(Uint8Array.from({ length: 32 }, (_, i) => i + 7));

const SESSION = [12.5, -640.25, 3.75, 0.6, -0.8];

/** Record {id u16, bytes u16, value}. */
function metadata(...records: readonly (readonly [number, string])[]): Uint8Array {
  return Buffer.concat(
    records.map(([id, value]) => {
      const head = Buffer.alloc(4);
      head.writeUInt16LE(id, 0);
      head.writeUInt16LE(Buffer.byteLength(value), 2);
      return Buffer.concat([head, Buffer.from(value)]);
    }),
  );
}

/** `count` points of random bytes, for floats also NaN, infinity and every exponent there is. */
function randomFrame(type: FieldType, bytes: number, scale: number, count = 400): Frame {
  const next = uniform(bytes * 1000 + type.charCodeAt(0));
  const step = 3 * bytes + 1;
  const field = (i: number): PointField => ({ type, offset: 1 + i * bytes, scale, bias: -scale });
  return {
    count,
    layout: { pointStep: step, x: field(0), y: field(1), z: field(2) },
    data: Uint8Array.from({ length: count * step }, () => Math.floor(256 * next())),
    metadata: [],
  };
}

type PolicyChange = (policy: Policy) => Partial<Policy>;

const policyOf = (change: PolicyChange) => {
  const policy = defaultPolicy();
  return compilePolicy({ ...policy, ...change(policy) }).bytes;
};

/** Crops and areas as far as the smallest profile has room for them. */
const cropped: PolicyChange = (policy) => ({
  level: "full",
  pose: "keep",
  crop: {
    range_m: [0.5, 25],
    height_m: [-1, 2],
    boxes: [{ mode: "remove", centre_m: [2, 1, 0], size_m: [3, 1, 2], yaw_deg: 30 }],
  },
  no_go: {
    ...policy.no_go,
    areas: [
      {
        name: "corner",
        polygon_m: [
          [570, -4],
          [580, -5],
          [585, 6],
          [574, 2],
        ],
      },
    ],
  },
});

const everythingKept: PolicyChange = (policy) => ({
  level: "full",
  point: "centroid",
  pose: "keep",
  keep: { ...policy.keep, attributes: { intensity: 8, ring: 8, time: 8 } },
});

interface Recordings {
  readonly scans: readonly Frame[];
  readonly vlp16: Frame;
  readonly xt32: Frame;
  readonly os1: Frame;
}

let recordings: Promise<Recordings> | undefined;

async function readRecordings(): Promise<Recordings> {
  const first = async (path: string) => (await readFrames(path, 1))[0]!;
  const scans = (await readFrames(SCANS)).filter((_, i) => i % 12 === 0);
  return { scans, vlp16: await first(VLP16), xt32: await first(XT32), os1: await first(OS1) };
}

/** Bytes of points that a profile takes at once (MAPVEIL_INPUT_REGION_BYTES), and how many are pushed. */
const INPUT_BYTES = { micro: 2048, standard: 65536, wide: 1048576 } as const;
const PUSH_BYTES = { micro: 2048, standard: 65536, wide: 65536 } as const;

/** The plays of a profile, the same on every run. */
export async function playsOf(profile: Profile): Promise<Play[]> {
  recordings ??= readRecordings();
  const { scans, vlp16, xt32, os1 } = await recordings;
  const usual = policyOf(() => ({}));
  const play = (name: string, frame: Frame, policy = usual, more: Partial<Play> = {}): Play => ({
    name,
    frame,
    policy,
    metadata: new Uint8Array(0),
    pushPoints: Math.floor(PUSH_BYTES[profile] / frame.layout.pointStep),
    ...more,
  });
  const [scan] = scans as [Frame];
  const inSession = policyOf(() => ({ pose: "session" }));
  const labelled = policyOf((policy) => ({ keep: { ...policy.keep, strings: ["label"] } }));
  const outside = { ...scan.layout, z: { ...scan.layout.z, offset: 5 } };
  const tooMany = Math.floor(INPUT_BYTES[profile] / scan.layout.pointStep) + 1;
  const plays = [
    ...scans.map((frame, i) => play(`scan ${i}`, frame)),
    ...scans.map((frame, i) =>
      play(`scan ${i} in a session`, frame, inSession, i === 0 ? { session: SESSION } : {}),
    ),
    play(
      "scan with its time, Padmé, 2 cm",
      scan,
      policyOf(() => ({ leaf_m: 0.02, padding: "padme", time: "15m" })),
    ),
    play("scan, cropped", scan, policyOf(cropped)),
    play("scan, one point a push", scan, usual, { pushPoints: 1 }),
    play("scan with metadata", scan, labelled, {
      metadata: metadata(
        [abi.META_SERIAL_NUMBER, "0123456789"],
        [abi.META_LABEL, "hall"],
        [abi.META_HOST_NAME, "b21"],
      ),
    }),
    play("scan with metadata that was cut", scan, labelled, {
      metadata: Uint8Array.of(5, 0, 9, 0),
    }),
    play("no points", { ...scan, count: 0 }),
    play(
      "3D",
      vlp16,
      policyOf(() => ({ leaf_m: 0.7, crop: { boxes: [], range_m: [0, 8] } })),
    ),
    play("3D, fine", vlp16),
    play(
      "centroids",
      scan,
      policyOf(() => ({ point: "centroid" })),
    ),
    play("f32 at random", randomFrame("f32", 4, 1)),
    play("f64 at random", randomFrame("f64", 8, 1)),
    play("i32 at random", randomFrame("i32", 4, 1e-7)),
    play("u32 at random", randomFrame("u32", 4, 1e-7)),
    play("i16 at random", randomFrame("i16", 2, 0.001)),
    play("u16 at random", randomFrame("u16", 2, 0.001)),
    play("u8 at random", randomFrame("u8", 1, 0.05)),
    play("no leaf", scan, new Uint8Array(abi.POLICY_BYTES)),
    play("a field outside of the point", { ...scan, layout: outside }),
    play("more points than fit", vlp16AsScan(vlp16, tooMany), usual, { pushPoints: tooMany }),
  ];
  if (profile === "micro") return plays;
  return [
    ...plays,
    play("VLP-16, everything kept", vlp16, policyOf(everythingKept)),
    play("XT32", xt32),
    ...(profile === "wide" ? mapPlays(scans, [vlp16, xt32], play) : []),
    // The last: its hash has the wipe behind all plays in it.
    play("OS1-128", os1),
  ];
}

/** Where a robot may be at its n-th scan, tilted a little. */
const poseAt = (n: number): Pose => ({
  translation: [4 + 0.37 * n, -2 + 0.11 * n, 0.5],
  quaternion: [0.01, -0.02, Math.sin(0.1 * n), Math.cos(0.1 * n)],
});

/** A map of 3D frames and one of 2D scans: both parts of each are read out, what is kept is encoded. */
function mapPlays(
  scans: readonly Frame[],
  clouds: readonly [Frame, Frame],
  play: (name: string, frame: Frame, policy: Uint8Array, more: Partial<Play>) => Play,
): Play[] {
  const common = { holdNs: 50n, windowScans: 2, gapCells: 2, voidMin: 1, voteHits: 3 };
  const crowd = { crowdHits: 5, crowdVoids: 4 };
  const terms = { ...common, ...crowd, carveCells: 200, flat: false, hitsMin: 1 };
  const flatTerms = { ...common, ...crowd, carveCells: 90, flat: true, hitsMin: 2 };
  const policy = compileScans(narrowPolicy(defaultPolicy(), "map"), false);
  const series = (what: string, frames: readonly Frame[], begin: MapTerms) =>
    frames.map((frame, n) => {
      const scan = { ...frame, pose: poseAt(n), stampNs: BigInt(1000 + 40 * n) };
      const isFirst = n === 0;
      const releases = n === frames.length - 1;
      const map = { releases, ...(isFirst ? { terms: begin } : {}) };
      const session = isFirst ? { session: SESSION } : {};
      return play(`${what}, scan ${n}`, scan, policy, { map, ...session });
    });
  const [vlp16, xt32] = clouds;
  return [
    ...series("map", [vlp16, xt32, vlp16, vlp16, xt32], terms),
    ...series("flat map", scans.slice(0, 8), flatTerms),
  ];
}

/** The first points of a frame. */
function vlp16AsScan(frame: Frame, count: number): Frame {
  return { ...frame, count: Math.min(count, frame.count) };
}

function playHead(play: Play): Buffer {
  const { frame, policy, metadata, pushPoints, session, map } = play;
  const layoutAt = 32;
  const at = layoutAt + abi.LAYOUT_BYTES;
  const mapAt = at + abi.FRAME_BYTES;
  const head = Buffer.alloc(mapAt + abi.MAP_BYTES);
  const { count } = frame;
  const words = [
    session ? 1 : 0,
    pushPoints,
    count,
    policy.length,
    metadata.length,
    abi.KIND_FRAME,
  ];
  const steps = (map?.terms ? MAP_BEGINS : 0) | (map?.releases ? MAP_RELEASES : 0);
  for (const [i, word] of [...words, map ? steps | MAP_ADDS : 0].entries()) {
    head.writeUInt32LE(word, 4 * i);
  }
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  putLayout(view, layoutAt, frame.layout);
  if (map?.terms) putMapTerms(view, mapAt, map.terms);
  putFrame(view, at, frame, Uint8Array.of(0x95, 0xe1, 0xd1, 0x5b, 1, 2, 3, 4));
  for (const [i, value] of (session ?? []).entries()) {
    head.writeDoubleLE(value, at + abi.FRAME_SESSION_OFFSET + 8 * i);
  }
  return head;
}

/** The file of plays. */
export function playsFile(plays: readonly Play[]): Buffer {
  const count = Buffer.alloc(4);
  count.writeUInt32LE(plays.length);
  const parts = plays.flatMap((play) => [
    playHead(play),
    play.policy,
    play.metadata,
    play.frame.data.subarray(0, play.frame.count * play.frame.layout.pointStep),
  ]);
  return Buffer.concat([count, SEEDS.stored, SEEDS.fresh, RECIPIENT.publicKey, ...parts]);
}
