/** What a client that writes may take up, and what becomes of calls that hang, die or compete. */
import { expect, test } from "vitest";
import { ARTEFACT_OVERHEAD_BYTES } from "../../host/receiver/store.ts";
import { digestOf, nameOf, sha, veil } from "./artefacts.ts";
import { piecesOf } from "./pieces.ts";
import { LIMITS, send, startReceiver } from "./running-receiver.ts";
import { until } from "./temporary.ts";

const refused = (reason: string, code?: string) =>
  expect.objectContaining({ reason, ...(code !== undefined && { code }) });

test("a recipient's share of the disk counts what is unfinished, and comes back", async () => {
  const running = await startReceiver({ recipientBytes: 100_000 });
  const fleet = running.as("fleet");
  await send(fleet, piecesOf("first", veil(60_000)));
  await send(fleet, [...piecesOf("second", veil(60_000), { pieceBytes: 30_000 })].slice(0, 1));
  await expect(send(fleet, piecesOf("third", veil(20_000)))).rejects.toMatchObject({
    code: "RESOURCE_EXHAUSTED",
    reason: "QUOTA_EXCEEDED",
    retryDelayMs: expect.any(Number),
  });
  await running.as("reader").artefacts.deleteArtefact({ name: nameOf("first") });
  expect((await send(fleet, piecesOf("third", veil(20_000)))).complete).toBe(true);
});

test("many small artefacts use up a share by the blocks that they take", async () => {
  const running = await startReceiver({ recipientBytes: 5 * ARTEFACT_OVERHEAD_BYTES });
  const fleet = running.as("fleet");
  const quota = { reason: "QUOTA_EXCEEDED" };
  for (let i = 0; i < 4; i++) await send(fleet, piecesOf(`small-${i}`, veil(194)));
  await expect(send(fleet, piecesOf("small-4", veil(194)))).rejects.toMatchObject(quota);
});

test("writers that wait for their turn at the same time do not overdraw a share together", async () => {
  const [first, room, piece] = [1_000_000, 130_000, 20_000];
  const recipientBytes = first + ARTEFACT_OVERHEAD_BYTES + room;
  const running = await startReceiver({ recipientBytes, bytesPerSPerClient: first });
  const fleet = running.as("fleet");
  // A second's worth at once: from here on each has to wait, and has room when it begins to.
  await send(fleet, piecesOf("first", veil(first)));
  const answers = await Promise.allSettled(
    Array.from({ length: 15 }, (_, i) =>
      send(fleet, [...piecesOf(`share-${i}`, veil(10 * piece), { pieceBytes: piece })].slice(0, 1)),
    ),
  );
  const kept = answers.filter(({ status }) => status === "fulfilled");
  expect(kept.length).toBe(Math.floor(room / (piece + ARTEFACT_OVERHEAD_BYTES)));
});

test("unfinished writes of a client are counted; going on with one is no new one", async () => {
  const running = await startReceiver({ unfinishedPerClient: 2 });
  const fleet = running.as("fleet");
  const bytes = veil(3000);
  const begin = (id: string) =>
    send(fleet, [...piecesOf(id, bytes, { pieceBytes: 1000 })].slice(0, 1));
  await begin("first");
  await begin("second");
  await expect(begin("third")).rejects.toMatchObject({
    code: "RESOURCE_EXHAUSTED",
    reason: "TOO_MANY_WRITES",
    retryDelayMs: expect.any(Number),
  });
  expect((await send(fleet, piecesOf("first", bytes, { from: 1000 }))).complete).toBe(true);
  await begin("third");
  running.receiver.setLimits({ ...LIMITS, unfinishedPerClient: 3 });
  await begin("fourth");
});

test("a client that is faster than its rate is slowed down, not refused", async () => {
  const running = await startReceiver({ bytesPerSPerClient: 1_000_000 });
  const fleet = running.as("fleet");
  const started = performance.now();
  const bytes = veil(1_600_000);
  expect((await send(fleet, piecesOf("fast", bytes, { pieceBytes: 100_000 }))).complete).toBe(true);
  const tookMs = performance.now() - started;
  // The first second's worth is free.
  expect(tookMs).toBeGreaterThan(550);
  expect(tookMs).toBeLessThan(5000);
});

test("a stream on which nothing comes is ended, and what it brought is kept", async () => {
  const running = await startReceiver({ stallTimeoutMs: 100 });
  const fleet = running.as("fleet");
  const call = fleet.ingest.writeArtefact();
  await call.write([...piecesOf("stall", veil(3000), { pieceBytes: 1000 })][0]!);
  await expect(call.response).rejects.toEqual(refused("WRITE_STALLED", "DEADLINE_EXCEEDED"));
  const status = await fleet.ingest.queryWriteStatus({ name: nameOf("stall") });
  expect(status.committedSize).toBe(1000n);
});

test("a cancelled stream keeps what came, and is no end of the artefact", async () => {
  const running = await startReceiver();
  const fleet = running.as("fleet");
  const cancel = new AbortController();
  const call = fleet.ingest.writeArtefact({ signal: cancel.signal });
  call.response.catch(() => {});
  await call.write([...piecesOf("cancel", veil(3000), { pieceBytes: 1000 })][0]!);
  const status = () => fleet.ingest.queryWriteStatus({ name: nameOf("cancel") });
  await until(async () => (await status().catch(() => undefined))?.committedSize === 1000n);
  cancel.abort();
  await expect(call.response).rejects.toMatchObject({ code: "CANCELLED" });
  expect(await status()).toMatchObject({ committedSize: 1000n, complete: false });
});

test("a call that lingers is taken over by the next one", async () => {
  const running = await startReceiver();
  const bytes = veil(5000);
  const old = running.as("fleet").ingest.writeArtefact();
  old.response.catch(() => {});
  await old.write([...piecesOf("taken", bytes, { pieceBytes: 2000 })][0]!);
  const fleet = running.as("fleet");
  const status = () => fleet.ingest.queryWriteStatus({ name: nameOf("taken") });
  await until(async () => (await status().catch(() => undefined))?.committedSize === 2000n);
  expect((await send(fleet, piecesOf("taken", bytes, { from: 2000 }))).complete).toBe(true);
  await expect(old.response).rejects.toEqual(refused("WRITE_SUPERSEDED", "ABORTED"));
});

test("many writers of one artefact never corrupt it, and one of them finishes", async () => {
  const running = await startReceiver();
  const bytes = veil(200_000);
  const fleets = [running.as("fleet"), running.as("fleet"), running.as("any-fleet")];
  const write = async (i: number) => {
    const fleet = fleets[i % fleets.length]!;
    for (let tries = 0; tries < 200; tries++) {
      const found = await fleet.ingest
        .queryWriteStatus({ name: nameOf("race") })
        .catch(() => undefined);
      const from = Number(found?.committedSize ?? 0n);
      if (found?.complete) return;
      const answer = await send(fleet, piecesOf("race", bytes, { from, pieceBytes: 10_000 })).catch(
        (error: { reason: string }) => error,
      );
      if ("complete" in answer) return;
      expect(["WRITE_SUPERSEDED", "OFFSET_MISMATCH"]).toContain(answer.reason);
    }
    throw new Error("The write never came to its end.");
  };
  await Promise.all(Array.from({ length: 6 }, (_, i) => write(i)));
  const pieces: Uint8Array[] = [];
  const { artefacts } = running.as("reader");
  for await (const { data } of artefacts.downloadArtefact({ name: nameOf("race") }))
    pieces.push(data);
  expect(sha(Buffer.concat(pieces))).toBe(sha(bytes));
  expect(running.receiver.accounts()).toMatchObject({ stored: 1, kept: 1, unfinished: 0 });
});

test("after cuts at random places an upload goes on where it was, and nothing is sent for nothing", async () => {
  const running = await startReceiver();
  const bytes = veil(400_000);
  const name = nameOf("cuts");
  let cuts = 0;
  for (let reached = 0; reached < bytes.length; ) {
    const clients = running.as("fleet");
    const found = await clients.ingest.queryWriteStatus({ name }).catch(() => undefined);
    const from = Number(found?.committedSize ?? 0n);
    // What the receiver had before the cut, it still has.
    expect(from).toBeGreaterThanOrEqual(reached);
    const end = Math.min(from + 5000 * Math.ceil(Math.random() * 12), bytes.length);
    const cancel = new AbortController();
    const call = clients.ingest.writeArtefact({ signal: cancel.signal });
    call.response.catch(() => {});
    for (const piece of piecesOf("cuts", bytes, { from, pieceBytes: 5000 })) {
      if (piece.writeOffset! >= end) break;
      await call.write(piece);
    }
    reached = end < bytes.length ? from + Math.ceil(Math.random() * (end - from)) : end;
    if (end === bytes.length) {
      expect((await call.response).complete).toBe(true);
      continue;
    }
    await until(() => running.receiver.accounts().unfinishedBytes >= reached);
    // Every second time the connection itself breaks: nothing but its end tells the receiver.
    if (++cuts % 2 === 0) clients.channel.close();
    else cancel.abort();
    await call.response.catch(() => {});
  }
  expect(cuts).toBeGreaterThan(3);
  const { artefact } = await running.as("reader").artefacts.getArtefact({ name });
  expect(sha(artefact!.digest)).toBe(sha(digestOf(bytes)));
});

test("unfinished writes that nobody goes on with are discarded", async () => {
  const running = await startReceiver({ unfinishedMaxAgeMs: 300 });
  const fleet = running.as("fleet");
  await send(fleet, [...piecesOf("idle", veil(3000), { pieceBytes: 1000 })].slice(0, 1));
  expect(running.receiver.accounts().unfinished).toBe(1);
  await until(() => running.receiver.accounts().unfinished === 0);
  const said = {
    level: "info",
    event: "writes_discarded",
    fields: { artefacts: 1, reason: "IDLE" },
  };
  await until(() => running.log.events.some(({ event }) => event === said.event));
  expect(running.log.events).toContainEqual(said);
});
