/** IngestService as a client over mutual TLS sees it. */
import { expect, test } from "vitest";
import { DataClass } from "../../host/gen/mapveil/v1/types_pb.ts";
import { digestOf, nameOf, OTHER_RECIPIENT, RECIPIENT, SOURCE, veil } from "./artefacts.ts";
import { type Piece, piecesOf } from "./pieces.ts";
import { send, startReceiver } from "./running-receiver.ts";
import { until } from "./temporary.ts";

const refused = (reason: string, code?: string) =>
  expect.objectContaining({ reason, ...(code !== undefined && { code }) });

/** The only message of an artefact, with something else in it. */
const single = (artefact: string, bytes: Uint8Array, other: Partial<Piece> = {}): Piece[] =>
  [...piecesOf(artefact, bytes)].map((piece) => ({ ...piece, ...other }));

test("stores what comes in one message, and what comes in many", async () => {
  const running = await startReceiver();
  const fleet = running.as("fleet");
  const small = veil(2000);
  const done = { committedSize: 2000n, complete: true };
  expect(await send(fleet, piecesOf("small", small))).toMatchObject(done);
  const large = veil(3_000_001);
  const answer = await send(fleet, piecesOf("large", large, { pieceBytes: 2 ** 20 }));
  expect(answer).toMatchObject({ committedSize: 3_000_001n, complete: true });
  // The header may come in pieces too.
  expect((await send(fleet, piecesOf("crumbs", small, { pieceBytes: 50 }))).complete).toBe(true);
  const status = await fleet.ingest.queryWriteStatus({ name: nameOf("large") });
  expect(status).toMatchObject({ committedSize: 3_000_001n, complete: true });
  expect(running.receiver.accounts()).toMatchObject({
    stored: 3,
    keptBytes: 3_004_001,
    unfinished: 0,
  });
});

test("an end without finish_write keeps what came; the next call goes on from there", async () => {
  const running = await startReceiver();
  const fleet = running.as("fleet");
  const bytes = veil(10_000);
  const pieces = [...piecesOf("part", bytes, { pieceBytes: 1000 })];
  expect(await send(fleet, pieces.slice(0, 4))).toMatchObject({
    committedSize: 4000n,
    complete: false,
  });
  expect(await fleet.ingest.queryWriteStatus({ name: nameOf("part") })).toMatchObject({
    committedSize: 4000n,
    complete: false,
  });
  await running.restart();
  const after = running.as("fleet");
  await expect(send(after, piecesOf("part", bytes, { from: 3000 }))).rejects.toMatchObject({
    code: "OUT_OF_RANGE",
    reason: "OFFSET_MISMATCH",
    metadata: { committed_size: "4000" },
  });
  expect((await send(after, piecesOf("part", bytes, { from: 4000 }))).complete).toBe(true);
});

test("writing again what is stored succeeds, and anything else is refused", async () => {
  const fleet = (await startReceiver()).as("fleet");
  const bytes = veil(5000);
  await send(fleet, piecesOf("again", bytes));
  const whole = { committedSize: 5000n, complete: true };
  expect(await send(fleet, piecesOf("again", bytes))).toMatchObject(whole);
  expect(await send(fleet, piecesOf("again", bytes, { from: 4000 }))).toMatchObject(whole);
  expect(await send(fleet, piecesOf("again", bytes, { from: 5000 }))).toMatchObject(whole);
  expect(await send(fleet, piecesOf("again", bytes, { pieceBytes: 999 }))).toMatchObject(whole);
  const different = refused("ALREADY_STORED_DIFFERENT", "ALREADY_EXISTS");
  await expect(send(fleet, piecesOf("again", veil(5000)))).rejects.toEqual(different);
  await expect(send(fleet, single("again", bytes, { totalSize: 4999n }))).rejects.toEqual(
    different,
  );
});

test("size and digest must fit, or what came is discarded", async () => {
  const running = await startReceiver();
  const fleet = running.as("fleet");
  const bytes = veil(4000);
  const wrong = refused("DIGEST_MISMATCH", "DATA_LOSS");
  await expect(
    send(fleet, single("wrong", bytes, { digest: digestOf(veil(4000)) })),
  ).rejects.toEqual(wrong);
  await expect(send(fleet, single("wrong", bytes, { totalSize: 4001n }))).rejects.toEqual(wrong);
  const pieces = [...piecesOf("wrong", bytes, { pieceBytes: 1000 })];
  await send(fleet, pieces.slice(0, 2));
  const tail = piecesOf("wrong", Buffer.concat([bytes.subarray(0, 3999), Buffer.of(0)]), {
    from: 2000,
  });
  await expect(
    send(
      fleet,
      single("wrong", bytes, {
        ...[...tail][0],
        digest: digestOf(bytes),
        data: bytes.subarray(1999, 3999),
      }),
    ),
  ).rejects.toEqual(wrong);
  await expect(fleet.ingest.queryWriteStatus({ name: nameOf("wrong") })).rejects.toEqual(
    refused("WRITE_NOT_FOUND", "NOT_FOUND"),
  );
  expect(running.receiver.accounts()).toMatchObject({
    stored: 0,
    unfinished: 0,
    refused: { DIGEST_MISMATCH: 3, WRITE_NOT_FOUND: 1 },
  });
  expect((await send(fleet, piecesOf("wrong", bytes))).complete).toBe(true);
});

test("only artefacts for the recipient in the name are taken", async () => {
  const running = await startReceiver();
  const fleet = running.as("any-fleet");
  const mismatch = refused("HEADER_MISMATCH", "INVALID_ARGUMENT");
  const bytes = veil(1000, { recipient: OTHER_RECIPIENT });
  await expect(send(fleet, piecesOf("header", bytes))).rejects.toEqual(mismatch);
  await expect(send(fleet, piecesOf("header", veil(1000).fill(1, 0, 4)))).rejects.toEqual(mismatch);
  await expect(send(fleet, piecesOf("header", veil(1000).subarray(0, 193)))).rejects.toEqual(
    mismatch,
  );
  await expect(send(fleet, piecesOf("header", Buffer.alloc(0)))).rejects.toEqual(mismatch);
  expect(running.receiver.accounts()).toMatchObject({ stored: 0, unfinished: 0 });
  const right = piecesOf("header", bytes, { recipient: OTHER_RECIPIENT });
  expect((await send(fleet, right)).complete).toBe(true);
});

test("what a request says is checked, field by field", async () => {
  const running = await startReceiver({ artefactBytes: 2 ** 21 });
  const fleet = running.as("fleet");
  const bytes = veil(1000);
  const names = [
    "",
    "recipients",
    nameOf("abc"),
    nameOf("Upper-case"),
    nameOf("a/../../b"),
    nameOf("x".repeat(64)),
    `${nameOf("good")}/`,
    "recipients/00112233445566AA/artefacts/good",
  ];
  for (const name of names) {
    await expect(send(fleet, single("x", bytes, { name }))).rejects.toEqual(
      refused("NAME_INVALID", "INVALID_ARGUMENT"),
    );
    await expect(fleet.ingest.cancelWrite({ name })).rejects.toEqual(refused("NAME_INVALID"));
  }
  const fields: [string, Partial<Piece>][] = [
    ["source", { source: "" }],
    ["source", { source: SOURCE.toUpperCase() }],
    ["data_class", { dataClass: DataClass.UNSPECIFIED }],
    ["data_class", { dataClass: 99 as DataClass }],
    ["digest", { digest: new Uint8Array(31) }],
    ["data", { data: veil(2 ** 20 + 1), totalSize: BigInt(2 ** 20 + 1) }],
  ];
  for (const [field, other] of fields) {
    await expect(send(fleet, single("fields", bytes, other)), field).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      reason: "FIELD_INVALID",
      fieldViolations: [{ field }],
    });
  }
  const large = refused("ARTEFACT_TOO_LARGE");
  await expect(send(fleet, single("fields", bytes, { totalSize: 2n ** 64n - 1n }))).rejects.toEqual(
    large,
  );
  const huge = veil(2 ** 21 + 1);
  await expect(send(fleet, piecesOf("huge", huge, { pieceBytes: 2 ** 20 }))).rejects.toEqual(large);
  await expect(send(fleet, [])).rejects.toEqual(refused("REQUEST_MISSING"));
  const gap = [...piecesOf("gap-in", bytes, { pieceBytes: 500 })];
  await expect(send(fleet, [gap[0]!, { ...gap[1]!, writeOffset: 501n }])).rejects.toMatchObject({
    reason: "OFFSET_MISMATCH",
    metadata: { committed_size: "500" },
  });
  expect(running.receiver.accounts()).toMatchObject({
    stored: 0,
    unfinished: 1,
    unfinishedBytes: 500,
  });
});

test("a withdrawal that is announced stops what is older, begun or not", async () => {
  const running = await startReceiver();
  const fleet = running.as("fleet");
  const bytes = veil(4000, { epoch: 5n });
  await send(fleet, [...piecesOf("begun", bytes, { pieceBytes: 1000 })].slice(0, 2));
  await send(fleet, piecesOf("stored", bytes));
  const floor = { parent: `recipients/${RECIPIENT}`, source: SOURCE, dataClass: DataClass.LIDAR };
  const raised = await fleet.ingest.raiseEpochFloor({ ...floor, epochFloor: 6n });
  expect(raised.epochFloor).toBe(6n);
  const lower = await fleet.ingest.raiseEpochFloor({ ...floor, epochFloor: 2n });
  expect(lower).toEqual(raised);
  await expect(fleet.ingest.queryWriteStatus({ name: nameOf("begun") })).rejects.toEqual(
    refused("WRITE_NOT_FOUND"),
  );
  const stale = refused("STALE_EPOCH", "FAILED_PRECONDITION");
  await expect(send(fleet, piecesOf("begun", bytes))).rejects.toEqual(stale);
  await running.restart();
  const after = running.as("fleet");
  await expect(send(after, piecesOf("later", bytes))).rejects.toEqual(stale);
  // What is stored stays, and what is newer, or of another class, goes on.
  expect((await send(after, piecesOf("stored", bytes))).complete).toBe(true);
  expect((await send(after, piecesOf("newer", veil(1000, { epoch: 6n })))).complete).toBe(true);
  const plan = single("house", bytes, { dataClass: DataClass.HOUSE_PLAN });
  expect((await send(after, plan)).complete).toBe(true);
});

test("a withdrawal ends a call that is open", async () => {
  const fleet = (await startReceiver()).as("fleet");
  const pieces = [...piecesOf("open", veil(4000, { epoch: 5n }), { pieceBytes: 1000 })];
  const call = fleet.ingest.writeArtefact();
  call.response.catch(() => {});
  await call.write(pieces[0]!);
  const status = () => fleet.ingest.queryWriteStatus({ name: nameOf("open") });
  await until(async () => (await status().catch(() => undefined))?.committedSize === 1000n);
  const floor = { parent: `recipients/${RECIPIENT}`, source: SOURCE, dataClass: DataClass.LIDAR };
  await fleet.ingest.raiseEpochFloor({ ...floor, epochFloor: 6n });
  await expect(call.response).rejects.toEqual(refused("STALE_EPOCH"));
  await expect(status()).rejects.toEqual(refused("WRITE_NOT_FOUND"));
});

test("cancelling discards what is unfinished, and never what is stored", async () => {
  const running = await startReceiver();
  const fleet = running.as("fleet");
  const bytes = veil(3000);
  await send(fleet, [...piecesOf("gone", bytes, { pieceBytes: 1000 })].slice(0, 2));
  await fleet.ingest.cancelWrite({ name: nameOf("gone") });
  await fleet.ingest.cancelWrite({ name: nameOf("gone") });
  await send(fleet, piecesOf("kept", bytes));
  await fleet.ingest.cancelWrite({ name: nameOf("kept") });
  expect(running.receiver.accounts()).toMatchObject({ stored: 1, kept: 1, unfinished: 0 });
});

test("what a deleted artefact was called can never be written again", async () => {
  const running = await startReceiver();
  const fleet = running.as("fleet");
  await send(fleet, piecesOf("once", veil(1000)));
  await running.as("reader").artefacts.deleteArtefact({ name: nameOf("once") });
  await expect(send(fleet, piecesOf("once", veil(1000)))).rejects.toEqual(
    refused("ARTEFACT_DELETED", "FAILED_PRECONDITION"),
  );
});
