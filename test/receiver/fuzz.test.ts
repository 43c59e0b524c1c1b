/** Random and mutated messages: always a status, and the receiver goes on. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { nameOf, RECIPIENT, SOURCE, veil } from "./artefacts.ts";
import { type Piece, piecesOf } from "./pieces.ts";
import { type clientsOf, type RunningReceiver, send, startReceiver } from "./running-receiver.ts";

const RUNS = process.env.MAPVEIL_LONG === "1" ? 5000 : 100;
const valid = veil(900);

const text = fc.oneof(
  fc.string({ maxLength: 100 }),
  fc.string({ unit: "binary", maxLength: 100 }),
  fc.constantFrom("", nameOf("fuzz"), `recipients/${RECIPIENT}`, nameOf("../../etc"), SOURCE),
  fc.constantFrom("recipients/", "/".repeat(50), "recipients/%2e%2e/artefacts/x", "\0"),
);
const u64 = fc.oneof(
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  fc.constantFrom(0n, 1n, 900n, 901n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n),
);
const i32 = fc.oneof(fc.nat({ max: 20 }), fc.integer());
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 400 }),
  fc.nat({ max: 900 }).map((end) => valid.subarray(0, end)),
  fc.tuple(fc.nat({ max: 193 }), fc.nat({ max: 255 })).map(([at, value]) => {
    const changed = Buffer.from(valid);
    changed[at] = value;
    return changed;
  }),
);
const whole = [...piecesOf("fuzz", valid)][0]!;
/** A valid message with some fields that are not. */
const piece: fc.Arbitrary<Partial<Piece>> = fc
  .record(
    {
      name: text,
      source: text,
      dataClass: i32,
      writeOffset: u64,
      data: bytes,
      finishWrite: fc.boolean(),
      totalSize: u64,
      digest: fc.uint8Array({ maxLength: 64 }),
    },
    { requiredKeys: [] },
  )
  .map((changes) => ({ ...whole, ...changes }) as Partial<Piece>);

const request = fc.record({
  name: text,
  parent: text,
  source: text,
  dataClass: i32,
  epochFloor: u64,
  pageSize: i32,
  pageToken: text,
  readOffset: u64,
  readLimit: u64,
  etag: text,
  allowMissing: fc.boolean(),
});

/** An answer, or an error that a program can go by; never one of a fault within. */
async function settles(answer: Promise<unknown>): Promise<void> {
  const error = await answer.then(
    () => undefined,
    (failure: { code?: string; reason?: string }) => failure,
  );
  if (error === undefined) return;
  expect(error).toMatchObject({
    code: expect.any(String),
    reason: expect.stringMatching(/^[A-Z_]+$/),
  });
  expect(["INTERNAL", "UNKNOWN", "UNAVAILABLE"]).not.toContain(error.code);
}

/** No random request names it: of SOURCE one may have raised the floor, and rightly so. */
const OTHER_SOURCE = "f".repeat(SOURCE.length);

async function stillWorks(running: RunningReceiver): Promise<void> {
  const pieces = [...piecesOf("after-all", veil(500))];
  const own = pieces.map((piece) =>
    piece.source === "" ? piece : { ...piece, source: OTHER_SOURCE },
  );
  const { complete } = await send(running.as("fleet"), own);
  expect(complete).toBe(true);
  expect(running.receiver.accounts()).toMatchObject({ lost: 0 });
  expect(running.log.events.filter(({ level }) => level === "error")).toEqual([]);
}

test("streams of random pieces", async () => {
  const running = await startReceiver({ stallTimeoutMs: 2000 });
  const fleet = running.as("any-fleet");
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 4 }), (pieces) => settles(send(fleet, pieces))),
    { numRuns: RUNS },
  );
  await stillWorks(running);
});

test("random requests to every other method", async () => {
  const running = await startReceiver();
  const { ingest } = running.as("any-fleet");
  const { artefacts }: ReturnType<typeof clientsOf> = running.as("reader");
  await send(running.as("fleet"), piecesOf("fuzz", valid));
  const drain = async (stream: AsyncIterable<unknown>) => {
    for await (const _ of stream) break;
  };
  await fc.assert(
    fc.asyncProperty(request, async (r) => {
      await settles(ingest.queryWriteStatus(r));
      await settles(ingest.cancelWrite(r));
      await settles(ingest.raiseEpochFloor(r));
      await settles(artefacts.listArtefacts(r));
      await settles(artefacts.getArtefact(r));
      await settles(drain(artefacts.downloadArtefact(r)));
      await settles(artefacts.deleteArtefact({ ...r, etag: `${r.etag}x` }));
    }),
    { numRuns: RUNS / 5 },
  );
  await stillWorks(running);
});
