/** A line across a continent, and one around the world. */
import { randomBytes } from "node:crypto";
import sodium from "libsodium-wrappers";
import { onStage, type Stage } from "../harness/stage.ts";
import type { Context, Scenario } from "../scenario.ts";

const ROUND_TRIPS_MS = [50, 200];
const FRAMES = 60;
const POINTS = 10_000;
const LARGE_BYTES = 24 * 2 ** 20;
const PIECE_BYTES = 256 * 1024;
/** Far below what a line without a raised window gives: 0.75 MB/s at 50 ms. */
const LARGE_MB_PER_S_MIN = { 50: 4, 200: 2 } as Readonly<Record<number, number>>;

/** One large artefact, as the future's maps are; returns MB/s. */
async function uploadLarge({ world }: Stage, number: number): Promise<number> {
  const [first] = await world.consumer.list();
  const { bytes: small } = await world.consumer.open(first!);
  // A true header, and bytes that nobody opens: the receiver cannot tell the difference.
  const bytes = Buffer.concat([small.subarray(0, 194), randomBytes(LARGE_BYTES)]);
  const ingest = await world.consumer.ingest(world.proxy.port);
  await ingest.cancelWrite({ name: `${world.consumer.parent}/artefacts/warm-up` });
  const began = performance.now();
  const call = ingest.writeArtefact({ timeoutMs: 120_000 });
  const name = `${world.consumer.parent}/artefacts/large-${number}`;
  for (let offset = 0; offset < bytes.length; offset += PIECE_BYTES) {
    const data = bytes.subarray(offset, offset + PIECE_BYTES);
    const isLast = offset + data.length === bytes.length;
    await call.write({
      ...(offset === 0 && { name, source: first!.source, dataClass: first!.dataClass }),
      writeOffset: BigInt(offset),
      data,
      ...(isLast && {
        finishWrite: true,
        totalSize: BigInt(bytes.length),
        digest: sodium.crypto_generichash(32, bytes, null),
      }),
    });
  }
  call.end();
  await call.response;
  const seconds = (performance.now() - began) / 1000;
  const artefacts = await world.consumer.artefacts();
  await artefacts.deleteArtefact({ name });
  return bytes.length / 1e6 / seconds;
}

async function measure(
  stage: Stage,
  figures: Record<string, string | number>,
  roundTripMs: number,
) {
  const { world, robot, audit } = stage;
  world.proxy.latencyMs = 0;
  world.proxy.stalled = true;
  await robot.pushAll(FRAMES, POINTS);
  world.proxy.cutNow();
  world.proxy.latencyMs = roundTripMs / 2;
  world.proxy.stalled = false;
  const before = world.proxy.passed.up;
  const began = performance.now();
  await world.home.drained(120_000);
  const seconds = (performance.now() - began) / 1000;
  const rate = (FRAMES / seconds).toFixed(1);
  const kilobytes = ((world.proxy.passed.up - before) / 1e3 / seconds).toFixed(0);
  figures[`${roundTripMs} ms: artefacts/s`] = rate;
  figures[`${roundTripMs} ms: kB/s`] = kilobytes;
  const large = await uploadLarge(stage, roundTripMs);
  figures[`${roundTripMs} ms: one large, MB/s`] = large.toFixed(1);
  const least = LARGE_MB_PER_S_MIN[roundTripMs]!;
  audit.check(
    large >= least,
    () => `${large.toFixed(1)} MB/s at ${roundTripMs} ms, ${least} are due`,
  );
}

async function crawl({ world, robot, audit }: Stage, figures: Record<string, string | number>) {
  const before = (await world.home.status()).link!.resentBytes;
  world.proxy.latencyMs = 100;
  world.proxy.bytesPerS = 16_000;
  await robot.pushAll(10, 3000);
  await world.home.drained(120_000);
  const { link } = await world.home.status();
  // Slow is not stalled: as long as bytes pass, an attempt goes on.
  const resent = link!.resentBytes - before;
  audit.check(resent === 0n, () => `${resent} bytes were sent again for slowness`);
  figures["crawl: bytes/s"] = 16_000;
}

async function slow(_: Context, stage: Stage) {
  const { world, robot } = stage;
  const figures: Record<string, string | number> = {};
  await world.start("receiver", "sidecar");
  await world.home.grant();
  await robot.connect();
  await robot.push();
  await world.home.drained();
  for (const roundTripMs of ROUND_TRIPS_MS) await measure(stage, figures, roundTripMs);
  await crawl(stage, figures);
  await robot.disconnect();
  return figures;
}

export const slowLink: Scenario = {
  name: "slow-link",
  proves: "long and narrow lines are used well, and are not taken for dead ones",
  needs: ["openssl"],
  run: (context) =>
    onStage(context.random, { chunk: "16KiB", parallel: 8, stallTimeout: "5s" }, (stage) =>
      slow(context, stage),
    ),
};
