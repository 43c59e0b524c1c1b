/** Threads that sanitise frames: bytes are handed over, and threads that die are replaced. */
import { inspect } from "node:util";
import { expect, test } from "vitest";
import { systemClock } from "../../host/core/clock.ts";
import { defaultPolicy } from "../../host/policy/index.ts";
import { FramePool } from "../../host/sidecar/frame-pool.ts";
import { FrameThread } from "../../host/sidecar/frame-thread.ts";
import { handedOver } from "../../host/sidecar/handed-over.ts";
import { StreamCore } from "../../host/sidecar/stream-core.ts";
import type { Crash } from "../../host/telemetry/index.ts";
import { SILENT } from "../../host/telemetry/log.ts";
import { openVeil } from "../../host/veil/open.ts";
import { codeOf, frameOf, policyOf, RECIPIENT } from "./support.ts";

const FRAME = frameOf(1);
const LARGE = frameOf(2, { points: 20_000 });
const START = { recipient: RECIPIENT.publicKey };
const RULES = { policy: defaultPolicy(), inMapFrame: false, flat: false };
const TERMS = { epoch: 3n, level: "frames" } as const;

/** A thread that answers frames of a number of points with a script. */
const entryOf = (onFrame: string) =>
  new URL(
    `data:text/javascript,${encodeURIComponent(`
      import { parentPort } from "node:worker_threads";
      parentPort.on("message", (message) => { if (message.kind === "frame") { ${onFrame} } });
      parentPort.postMessage({ kind: "ready" });
      const seal = () => parentPort.postMessage({ kind: "done", answer: { veil: new Uint8Array(1) } });
    `)}`,
  );

const copyOf = (frame: typeof FRAME) => ({ ...frame, data: frame.data.slice() });

test("small or shared bytes are copied, large ones of their own are not", () => {
  const pooled = Buffer.from("abc");
  expect(handedOver(pooled).buffer).not.toBe(pooled.buffer);
  expect([...handedOver(pooled)]).toEqual([...pooled]);
  const own = new Uint8Array(100_000);
  expect(handedOver(own)).toBe(own);
  expect(handedOver(own.subarray(10)).buffer).toBe(own.buffer);
  const slice = own.subarray(0, 40_000);
  expect(handedOver(slice).buffer).not.toBe(own.buffer);
  const shared = new Uint8Array(new SharedArrayBuffer(100_000));
  expect(handedOver(shared).buffer).toBeInstanceOf(ArrayBuffer);
});

test("a frame is sealed under the epoch and the rules that it came with", async () => {
  const thread = new FrameThread(START);
  try {
    thread.setRules(RULES);
    const large = copyOf(LARGE);
    const returned: ArrayBuffer[] = [];
    const sealing = thread.process(large, TERMS, (memory) => returned.push(memory));
    expect(large.data.byteLength).toBe(0);
    const { veil, voxels, pointsIn } = await sealing;
    expect(returned.map(({ byteLength }) => byteLength)).toEqual([LARGE.data.byteLength]);
    expect(new Uint8Array(returned[0]!).every((byte) => byte === 0)).toBe(true);
    const [tile] = await openVeil(veil, RECIPIENT);
    expect(tile).toMatchObject({ voxels, leafM: expect.closeTo(0.05) });
    expect(pointsIn).toBe(LARGE.count);
    expect(new DataView(veil.buffer).getBigUint64(186, true)).toBe(3n);
    thread.setRules({ ...RULES, policy: policyOf("leaf_m: 0.5") });
    const coarse = await thread.process(copyOf(FRAME), TERMS);
    const [coarseTile] = await openVeil(coarse.veil, RECIPIENT);
    expect(coarseTile!.leafM).toBeCloseTo(0.5);
  } finally {
    await thread.close();
  }
  expect(await codeOf(thread.process(FRAME, TERMS))).toBe("INTERNAL");
});

test("a crash fails the frames that wait, and a new thread takes the next; not for ever", async () => {
  let monotonicMs = 0;
  const clock = { ...systemClock, monotonicMs: () => monotonicMs };
  const entry = entryOf("if (message.frame.count === 1) process.exit(3); else seal();");
  const pool = new FramePool({ ...START, entry });
  const core = new StreamCore(pool, clock, SILENT);
  const bad = { ...FRAME, count: 1 };
  try {
    for (let round = 0; round < 6; round++) {
      const results = await Promise.allSettled([
        core.thread(RULES).process(copyOf(FRAME), TERMS),
        core.thread(RULES).process(bad, TERMS),
        core.thread(RULES).process(copyOf(FRAME), TERMS),
      ]);
      expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "rejected"]);
      for (const result of results.slice(1)) {
        expect((result as PromiseRejectedResult).reason).toMatchObject({ code: "INTERNAL" });
      }
    }
    expect(() => core.thread(RULES)).toThrow(/died too often/);
    monotonicMs = 61_000;
    await expect(core.thread(RULES).process(copyOf(FRAME), TERMS)).resolves.toMatchObject({});
  } finally {
    await core.close();
    await pool.close();
  }
});

test("a thread that throws is a crash as well", async () => {
  const thread = new FrameThread({ ...START, entry: entryOf('throw new Error("x");') });
  expect(await codeOf(thread.process(copyOf(FRAME), TERMS))).toBe("INTERNAL");
  expect(thread.alive).toBe(false);
  await thread.close();
});

test("of a crash nothing is told but its kind and its place in the code", async () => {
  const canary = "CANARY-Wohnung-Schmidt";
  const crashes: Crash[] = [];
  const options = { ...START, onCrash: (crash: Crash) => crashes.push(crash) };
  // One that Node carries over as it is, and one of the real thread.
  const script = `JSON.parse(${JSON.stringify(canary)})`;
  const foreign = new FrameThread({ ...options, entry: entryOf(script) });
  const real = new FrameThread(options);
  real.setRules({ ...RULES, policy: { crop: canary } as never });
  const failures = await Promise.allSettled([
    foreign.process(copyOf(FRAME), TERMS),
    real.process(copyOf(FRAME), TERMS),
  ]);
  await Promise.all([foreign.close(), real.close()]);
  expect(inspect([crashes, failures], { depth: 9, showHidden: true })).not.toContain(canary);
  expect(crashes.map(({ type }) => type).sort()).toEqual(["SyntaxError", "TypeError"]);
  expect(crashes.flatMap(({ at }) => at).join()).toMatch(/host\/[a-z-]+\/[a-z-]+\.js:\d+/);
});

test("a thread that hangs is ended", async () => {
  const entry = entryOf("for (;;);");
  const thread = new FrameThread({ ...START, entry, frameTimeoutMs: 50 });
  const [first, second] = await Promise.allSettled([
    thread.process(copyOf(FRAME), TERMS),
    thread.process(copyOf(FRAME), TERMS),
  ]);
  expect(first).toMatchObject({ status: "rejected", reason: { code: "INTERNAL" } });
  expect(second).toMatchObject({ status: "rejected" });
  expect(thread.alive).toBe(false);
});

test("a thread that is given back stands by for the next stream; only one does", async () => {
  const entry = entryOf("seal();");
  const pool = new FramePool({ ...START, entry });
  const first = pool.take();
  const second = pool.take();
  expect(second).not.toBe(first);
  await pool.giveBack(first);
  await pool.giveBack(second);
  expect([first.alive, second.alive]).toEqual([true, false]);
  expect(pool.take()).toBe(first);
  await pool.close();
  await pool.giveBack(first);
  expect(first.alive).toBe(false);
});
