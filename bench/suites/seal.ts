/**
 * Sealing against what Node and C have for it: messages of 64 KiB with 32 bytes of associated data, one
 * after the other with their lengths, as in an artefact, from bytes in memory to sealed bytes there.
 * Ours pays for its copies in and out; "in place" is without the copy in, as a tile is sealed.
 */
import { MESSAGE_BYTES, TAG_MESSAGE } from "../../assembly/abi.ts";
import { VARIANTS } from "../inputs/frames.ts";
import { bytes } from "../inputs/random.ts";
import { type Context, paceOf } from "../measure/context.ts";
import { putMessages, RawCore, sealedBytesOf } from "../measure/core-driver.ts";
import { type Contender, median, race, type Timing } from "../measure/race.ts";
import { isMissing, nativePeer } from "../peers/native.ts";
import { otherSealers, wrappersSealer } from "../peers/sealers.ts";
import {
  atLeast,
  type Figure,
  type Gate,
  milliseconds,
  type Plot,
  type Suite,
  times,
  verdict,
} from "../report/report.ts";
import { type Entrants, freshKeys, sealAll, verify } from "./seal-verify.ts";

const GATE_WRAPPERS = 3;
const GATE_NATIVE = 0.8;
const SIZES = [
  { label: "64 KiB", size: 65_536, repeats: 16 },
  { label: "1 MiB", size: 2 ** 20, repeats: 1 },
] as const;
const AD = new Uint8Array(32).fill(7);
/** The gates are on this one. */
const GATED = "core, in place";
const WRAPPERS = "libsodium-wrappers";
const NATIVE = "libsodium C";

/** One plaintext of `size` bytes, `repeats` times a sample, so that a sample is not too short. */
async function contenders(
  { simd, baseline, sealers, native }: Entrants,
  size: number,
  repeats: number,
): Promise<Contender[]> {
  const plains = Array.from({ length: VARIANTS }, (_, i) => bytes(size, 100 + i));
  const out = new Uint8Array(sealedBytesOf(size));
  const repeated = (fn: (plain: Uint8Array) => void) => (turn: number) => {
    for (let k = 0; k < repeats; k++) fn(plains[(turn + k) % VARIANTS]!);
  };
  const ours = (core: RawCore, copies: boolean) => {
    core.beginSeal(freshKeys());
    core.putPlain(plains[0]!);
    const seal = core.borrowMessage.bind(core);
    return repeated((plain) => {
      if (copies) core.putPlain(plain);
      putMessages(size, TAG_MESSAGE, out, seal);
    });
  };
  const copied = ours(simd, true);
  const list: Contender[] = [
    { name: GATED, run: ours(simd, false) },
    { name: "core, copied in", run: copied },
    { name: "core without SIMD, in place", run: ours(baseline, false) },
    ...sealers.map((sealer) => ({
      name: sealer.name,
      run: repeated((plain) => void sealAll(sealer, plain, out)),
    })),
  ];
  if (native === undefined) return list;
  await native.load(plains);
  const remote = native.contender(NATIVE, "secretstream", [MESSAGE_BYTES]);
  const sample = async (turn: number, count: number) =>
    (await remote.sample(turn, count)).map((time) => time * repeats);
  return [...list, { name: NATIVE, sample }];
}

/** A contender at a size; ratios are those of every round, empty where the peer is missing. */
interface Result {
  readonly size: string;
  readonly name: string;
  readonly timing: Timing;
  /** Sealed in a sample. */
  readonly bytes: number;
  readonly toWrappers: readonly number[];
  readonly toNative: readonly number[];
  readonly gates: readonly Gate[];
}

/** GB/s of so many milliseconds for so many bytes. */
const rate = (size: number, time: number) => size / time / 1e6;

async function timeSize(
  context: Context,
  entrants: Entrants,
  { label, size, repeats }: (typeof SIZES)[number],
): Promise<Result[]> {
  context.progress(`seal: ${label}`);
  const timings = await race(await contenders(entrants, size, repeats), paceOf(context, 16));
  const ratios = (peerName: string, timing: Timing) => {
    const peer = timings.find(({ name }) => name === peerName);
    return peer ? timing.rounds.map((time, round) => peer.rounds[round]! / time) : [];
  };
  return timings.map((timing) => {
    const { name } = timing;
    const toWrappers = ratios(WRAPPERS, timing);
    const toNative = ratios(NATIVE, timing);
    const gate = (peer: string, ratio: readonly number[], least: number) =>
      name !== GATED || ratio.length === 0
        ? []
        : [atLeast(`seal ${label} to ${peer}`, median(ratio), least)];
    const gates = [
      ...gate(WRAPPERS, toWrappers, GATE_WRAPPERS),
      ...gate(NATIVE, toNative, GATE_NATIVE),
    ];
    return { size: label, name, timing, bytes: size * repeats, toWrappers, toNative, gates };
  });
}

function rowOf({ size, name, timing, bytes: sealed, toWrappers, toNative, gates }: Result) {
  const perMiB = (time: number) => milliseconds((time * 2 ** 20) / sealed);
  return [
    `${size}, ${name}`,
    perMiB(timing.p50),
    perMiB(timing.p99),
    rate(sealed, timing.p50).toFixed(2),
    times(median(toWrappers)),
    toNative.length === 0 ? "-" : times(median(toNative)),
    verdict(...gates),
  ];
}

function figuresOf({ size, name, timing, bytes: sealed, toWrappers, toNative }: Result): Figure[] {
  const figure = (what: string, unit: string, rounds: readonly number[]): Figure[] =>
    rounds.length === 0
      ? []
      : [
          {
            name: `${size}, ${name}${what}`,
            unit,
            better: "higher",
            value: median(rounds),
            rounds,
          },
        ];
  const rates = timing.rounds.map((time) => rate(sealed, time));
  if (!name.startsWith("core")) return [];
  return [
    ...figure("", "GB/s", rates),
    ...figure(`: to ${WRAPPERS}`, "x", toWrappers),
    ...figure(`: to ${NATIVE}`, "x", toNative),
  ];
}

function plotOf(size: string, results: readonly Result[]): Plot {
  const bars = results
    .map(({ name, timing, bytes: sealed }) => ({ label: name, value: rate(sealed, timing.p50) }))
    .sort((a, b) => b.value - a.value);
  const peer = bars.find(({ label }) => label === WRAPPERS)!;
  const line = { label: `${GATE_WRAPPERS} x ${WRAPPERS}`, value: GATE_WRAPPERS * peer.value };
  return { kind: "bars", title: `Sealing ${size}`, unit: "GB/s", bars, line };
}

/** Verifies, then races every size. Peers that are not on this machine are named, not fatal. */
export async function sealSuite(context: Context): Promise<Suite> {
  const { sealers, missing } = await otherSealers(bytes(32, 7000), AD);
  const native = await nativePeer("sodium");
  const entrants: Entrants = {
    simd: new RawCore("simd"),
    baseline: new RawCore("baseline"),
    sealers: [wrappersSealer(bytes(32, 7001), AD), ...sealers],
    native: isMissing(native) ? undefined : native,
  };
  try {
    await verify(entrants);
    const results: Result[] = [];
    for (const size of SIZES) results.push(...(await timeSize(context, entrants, size)));
    return suiteOf(results, isMissing(native) ? [...missing, native] : missing);
  } finally {
    await entrants.native?.close();
  }
}

function suiteOf(results: readonly Result[], missing: Suite["missing"]): Suite {
  return {
    name: "seal",
    title: "messages of 64 KiB, sealed one after the other",
    columns: [
      "plaintext, by",
      "p50 ms/MiB",
      "p99 ms/MiB",
      "GB/s",
      "to wrappers",
      "to C",
      `gates ${GATE_WRAPPERS}x, ${GATE_NATIVE}x`,
    ],
    rows: results.map(rowOf),
    notes: [
      "Verified: another implementation opens what each seals, 11 lengths; the core opens libsodium's.",
      "Secretstream, but @noble/ciphers: XChaCha20-Poly1305. With a nonce of 12 bytes (node:crypto is",
      "OpenSSL) for orientation: such nonces cannot be drawn at random. To wrappers, to C: how many times",
      `as fast as ${WRAPPERS} and as Debian's libsodium.`,
    ],
    gates: results.flatMap(({ gates }) => gates),
    figures: results.flatMap(figuresOf),
    plots: SIZES.map(({ label }) =>
      plotOf(
        label,
        results.filter(({ size }) => size === label),
      ),
    ),
    missing,
    data: results.map(({ size, name, bytes: sealed, timing, toWrappers, toNative }) => ({
      label: `${size}, ${name}`,
      size: sealed,
      timing,
      toWrappers,
      toNative,
    })),
  };
}
