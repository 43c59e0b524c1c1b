/** What a robot may ask of its own uploads, and nobody else of them. */
import { expect, test } from "vitest";
import { systemClock } from "../../host/core/clock.ts";
import { Upload_State as State } from "../../host/gen/mapveil/v1/ingest_service_pb.ts";
import { DataClass } from "../../host/gen/mapveil/v1/types_pb.ts";
import { digestOf, nameOf, RECIPIENT, veil } from "./artefacts.ts";
import { type Piece, piecesOf } from "./pieces.ts";
import { send, startReceiver } from "./running-receiver.ts";

const PARENT = `recipients/${RECIPIENT}`;
const keyOf = (number: number) => new Uint8Array(32).fill(number);
const refused = (reason: string, code: string) => expect.objectContaining({ reason, code });

/** A clock that notes how long the answers to wrong keys are held back, and does not wait for them. */
function impatient() {
  const sleeps: number[] = [];
  // All other waits of a receiver are shorter or longer.
  const isOfKeys = (ms: number) => ms > 500 && ms < 20_000;
  const sleep = (ms: number, signal?: AbortSignal) => {
    if (!isOfKeys(ms)) return systemClock.sleep(ms, signal);
    sleeps.push(ms);
    return Promise.resolve();
  };
  return { clock: { ...systemClock, sleep }, sleeps };
}

function* owned(artefact: string, bytes: Uint8Array, key: number): Generator<Piece> {
  const deletionHash = digestOf(keyOf(key));
  for (const piece of piecesOf(artefact, bytes)) {
    yield piece.name === "" ? piece : { ...piece, deletionHash };
  }
}

test("the key of an upload tells its state and deletes it, and a tombstone stays", async () => {
  const running = await startReceiver();
  const { ingest, ...fleet } = running.as("fleet");
  const bytes = veil(2000);
  await send({ ingest }, owned("mine", bytes, 1));
  await send({ ingest }, [...owned("part", veil(5000), 2)].slice(0, 1).map(cut));
  const claims = (one: number, two: number) => [
    { artefact: "mine", deletionKey: keyOf(one) },
    { artefact: "part", deletionKey: keyOf(two) },
    { artefact: "none", deletionKey: keyOf(3) },
  ];
  const { uploads } = await ingest.lookUpUploads({ parent: PARENT, uploads: claims(1, 2) });
  expect(uploads).toMatchObject([
    { state: State.STORED, dataClass: DataClass.LIDAR, size: 2000n },
    { state: State.UNFINISHED, dataClass: DataClass.LIDAR, size: 1000n },
    { state: State.ABSENT, dataClass: 0, size: 0n },
  ]);
  const deleted = await ingest.deleteUpload({ name: nameOf("mine"), deletionKey: keyOf(1) });
  expect(deleted).toMatchObject({ before: State.STORED, size: 2000n });
  const discarded = await ingest.deleteUpload({ name: nameOf("part"), deletionKey: keyOf(2) });
  expect(discarded).toMatchObject({ before: State.UNFINISHED, size: 1000n });
  // Again, as after an answer that was lost.
  const again = await ingest.deleteUpload({ name: nameOf("mine"), deletionKey: keyOf(1) });
  expect(again).toMatchObject({ before: State.DELETED, size: 0n });
  await running.restart();
  const after = running.as("fleet");
  const gone = refused("ARTEFACT_DELETED", "FAILED_PRECONDITION");
  await expect(send(after, owned("mine", bytes, 1))).rejects.toEqual(gone);
  const look = await after.ingest.lookUpUploads({ parent: PARENT, uploads: claims(1, 2) });
  expect(look.uploads.map(({ state }) => state)).toEqual([
    State.DELETED,
    State.ABSENT,
    State.ABSENT,
  ]);
  expect(running.receiver.accounts()).toMatchObject({ stored: 1, deleted: 1, unfinished: 0 });
  fleet.channel.close();
});

test("without its key an upload is not to be seen, nor to be deleted: not even by its hash", async () => {
  const running = await startReceiver({}, impatient());
  const fleet = running.as("fleet");
  await send(fleet, owned("mine", veil(2000), 1));
  await send(fleet, piecesOf("open", veil(2000)));
  const wrong = refused("DELETION_KEY_WRONG", "PERMISSION_DENIED");
  const none = new Uint8Array(32);
  for (const [artefact, key] of [
    ["mine", digestOf(keyOf(1))],
    ["open", none],
  ] as const) {
    const uploads = [{ artefact, deletionKey: key }];
    const { uploads: seen } = await fleet.ingest.lookUpUploads({ parent: PARENT, uploads });
    expect(seen).toMatchObject([{ state: State.ABSENT, size: 0n }]);
  }
  const mine = { name: nameOf("mine"), deletionKey: keyOf(2) };
  await expect(fleet.ingest.deleteUpload(mine)).rejects.toEqual(wrong);
  expect(running.receiver.accounts().refused.DELETION_KEY_WRONG).toBe(3);
  expect(running.receiver.accounts().kept).toBe(2);
  const consumer = running.as("reader");
  await expect(consumer.ingest.deleteUpload(mine)).rejects.toEqual(
    refused("ROLE_MISSING", "PERMISSION_DENIED"),
  );
  const elsewhere = { name: nameOf("mine", "ffeeddccbbaa9988"), deletionKey: keyOf(1) };
  await expect(fleet.ingest.deleteUpload(elsewhere)).rejects.toEqual(
    refused("RECIPIENT_FORBIDDEN", "PERMISSION_DENIED"),
  );
});

test("wrong keys are answered later and later, and the right one at once", async () => {
  const { clock, sleeps } = impatient();
  const running = await startReceiver({}, { clock });
  const fleet = running.as("fleet");
  await send(fleet, owned("mine", veil(2000), 1));
  for (let i = 0; i < 6; i++) {
    const claim = { name: nameOf("mine"), deletionKey: keyOf(9) };
    await fleet.ingest.deleteUpload(claim).catch(() => {});
  }
  expect(sleeps.length).toBeGreaterThanOrEqual(4);
  expect([...sleeps].sort((a, b) => a - b)).toEqual(sleeps);
  const before = sleeps.length;
  await fleet.ingest.deleteUpload({ name: nameOf("mine"), deletionKey: keyOf(1) });
  expect(sleeps).toHaveLength(before);
});

test("what is no claim is refused by the field", async () => {
  const { ingest } = (await startReceiver()).as("fleet");
  const invalid = refused("FIELD_INVALID", "INVALID_ARGUMENT");
  const claim = { artefact: "mine", deletionKey: keyOf(1) };
  for (const uploads of [
    [],
    Array.from({ length: 201 }, () => claim),
    [{ ...claim, artefact: "../x" }],
    [{ ...claim, deletionKey: new Uint8Array(31) }],
  ]) {
    await expect(ingest.lookUpUploads({ parent: PARENT, uploads })).rejects.toEqual(invalid);
  }
  const short = { name: nameOf("mine"), deletionKey: new Uint8Array() };
  await expect(ingest.deleteUpload(short)).rejects.toEqual(invalid);
  const bytes = veil(2000);
  const odd = [...piecesOf("oddly", bytes)].map((piece) => ({
    ...piece,
    deletionHash: new Uint8Array(31),
  }));
  await expect(send({ ingest }, odd)).rejects.toEqual(invalid);
});

/** The first thousand bytes, without an end. */
const cut = (piece: Piece): Piece => ({
  ...piece,
  data: piece.data.subarray(0, 1000),
  finishWrite: false,
  totalSize: 0n,
  digest: new Uint8Array(),
});
