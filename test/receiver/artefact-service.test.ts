/** ArtefactService as a consumer over mutual TLS sees it. */
import { expect, test } from "vitest";
import { DataClass } from "../../host/gen/mapveil/v1/types_pb.ts";
import { digestOf, nameOf, RECIPIENT, SOURCE, sha, veil } from "./artefacts.ts";
import { piecesOf } from "./pieces.ts";
import { type clientsOf, type RunningReceiver, send, startReceiver } from "./running-receiver.ts";
import { until } from "./temporary.ts";

const parent = `recipients/${RECIPIENT}`;
const refused = (reason: string, code?: string) =>
  expect.objectContaining({ reason, ...(code !== undefined && { code }) });
type Clients = ReturnType<typeof clientsOf>;

async function store(running: RunningReceiver, ...ids: string[]): Promise<void> {
  const fleet = running.as("fleet");
  for (const id of ids) await send(fleet, piecesOf(id, veil(500)));
}

async function download({ artefacts }: Clients, id: string, offset = 0n, limit = 0n) {
  const pieces: Uint8Array[] = [];
  const request = { name: nameOf(id), readOffset: offset, readLimit: limit };
  for await (const { data } of artefacts.downloadArtefact(request)) pieces.push(data);
  return { bytes: Buffer.concat(pieces), largest: Math.max(0, ...pieces.map((p) => p.length)) };
}

test("lists page by page, oldest first, without gaps when something is deleted between", async () => {
  const running = await startReceiver();
  const ids = Array.from({ length: 7 }, (_, i) => `artefact-${6 - i}`);
  await store(running, ...ids);
  const { artefacts } = running.as("reader");
  const first = await artefacts.listArtefacts({ parent, pageSize: 3 });
  expect(first.artefacts.map(({ name }) => name)).toEqual(ids.slice(0, 3).map((id) => nameOf(id)));
  await artefacts.deleteArtefact({ name: nameOf(ids[1]!) });
  await artefacts.deleteArtefact({ name: nameOf(ids[4]!) });
  const token = { pageToken: first.nextPageToken };
  const second = await artefacts.listArtefacts({ parent, pageSize: 3, ...token });
  expect(second.artefacts.map(({ name }) => name)).toEqual(
    [ids[3], ids[5], ids[6]].map((id) => nameOf(id!)),
  );
  expect(second.nextPageToken).toBe("");
  const all = await artefacts.listArtefacts({ parent });
  expect(all.artefacts).toHaveLength(5);
  for (const pageToken of ["x", `${token.pageToken}A`, "A".repeat(22)]) {
    await expect(artefacts.listArtefacts({ parent, pageToken })).rejects.toEqual(
      refused("TOKEN_INVALID", "INVALID_ARGUMENT"),
    );
  }
  await expect(artefacts.listArtefacts({ parent, pageSize: -1 })).rejects.toEqual(
    refused("FIELD_INVALID"),
  );
});

test("tells what it knows of an artefact, and nothing else", async () => {
  const running = await startReceiver();
  const bytes = veil(700, { epoch: 2n ** 63n });
  const before = Date.now();
  await send(running.as("fleet"), piecesOf("known", bytes));
  const { artefacts } = running.as("reader");
  const { artefact } = await artefacts.getArtefact({ name: nameOf("known") });
  expect(artefact).toMatchObject({
    name: nameOf("known"),
    dataClass: DataClass.LIDAR,
    source: SOURCE,
    permissionEpoch: 2n ** 63n,
    size: 700n,
  });
  expect(Buffer.compare(artefact!.digest, digestOf(bytes))).toBe(0);
  expect(Number(artefact!.createTime!.seconds) * 1000).toBeGreaterThan(before - 2000);
  await expect(artefacts.getArtefact({ name: nameOf("unknown") })).rejects.toEqual(
    refused("ARTEFACT_NOT_FOUND", "NOT_FOUND"),
  );
});

test("downloads the same bytes, from any offset, in pieces", async () => {
  const running = await startReceiver();
  const bytes = veil(1_000_003);
  await send(running.as("fleet"), piecesOf("large", bytes));
  const reader = running.as("reader");
  const whole = await download(reader, "large");
  expect(sha(whole.bytes)).toBe(sha(bytes));
  expect(whole.largest).toBe(256 * 1024);
  const part = await download(reader, "large", 999_999n, 3n);
  expect(part.bytes).toEqual(bytes.subarray(999_999, 1_000_002));
  expect((await download(reader, "large", 1_000_000n, 2n ** 64n - 1n)).bytes).toHaveLength(3);
  expect((await download(reader, "large", 1_000_003n)).bytes).toHaveLength(0);
  await expect(download(reader, "large", 1_000_004n)).rejects.toEqual(
    refused("READ_BEYOND_END", "OUT_OF_RANGE"),
  );
  await expect(download(reader, "unknown")).rejects.toEqual(refused("ARTEFACT_NOT_FOUND"));
});

test("a deletion ends a download that is under way", async () => {
  const running = await startReceiver();
  // More than the window of a connection, so that the receiver cannot be done before.
  const bytes = veil(24 * 2 ** 20);
  await send(running.as("fleet"), piecesOf("large", bytes, { pieceBytes: 2 ** 20 }));
  const { artefacts } = running.as("reader");
  const pieces = artefacts.downloadArtefact({ name: nameOf("large") })[Symbol.asyncIterator]();
  await pieces.next();
  await artefacts.deleteArtefact({ name: nameOf("large") });
  const rest = async () => {
    while (!(await pieces.next()).done);
  };
  await expect(rest()).rejects.toEqual(refused("ARTEFACT_NOT_FOUND"));
});

test("deletes only what was seen, and for ever", async () => {
  const running = await startReceiver();
  await store(running, "first");
  const { artefacts } = running.as("reader");
  const name = nameOf("first");
  const { artefact } = await artefacts.getArtefact({ name });
  await expect(artefacts.deleteArtefact({ name, etag: "1-00" })).rejects.toEqual(
    refused("ETAG_MISMATCH", "ABORTED"),
  );
  await artefacts.deleteArtefact({ name, etag: artefact!.etag });
  await expect(artefacts.getArtefact({ name })).rejects.toEqual(refused("ARTEFACT_NOT_FOUND"));
  await expect(artefacts.deleteArtefact({ name })).rejects.toEqual(refused("ARTEFACT_NOT_FOUND"));
  await artefacts.deleteArtefact({ name, allowMissing: true });
  await running.restart();
  expect((await running.as("reader").artefacts.listArtefacts({ parent })).artefacts).toEqual([]);
  expect(running.receiver.accounts()).toMatchObject({
    stored: 1,
    deleted: 1,
    kept: 0,
    keptBytes: 0,
  });
});

test("a watch sends what was there, then what comes, once each, and goes on from a token", async () => {
  const running = await startReceiver();
  const ids = Array.from({ length: 130 }, (_, i) => `watched-${i}`);
  await store(running, ...ids.slice(0, 110));
  const { artefacts } = running.as("reader");
  const writing = store(running, ...ids.slice(110));
  const seen: string[] = [];
  let resumeToken = "";
  // Cut again and again, at places that have nothing to do with the batches of the receiver.
  while (seen.length < ids.length) {
    const part = Math.min(37, ids.length - seen.length);
    let count = 0;
    for await (const message of artefacts.watchArtefacts({ parent, resumeToken })) {
      seen.push(message.artefact!.name);
      resumeToken = message.resumeToken;
      if (++count === part) break;
    }
  }
  await writing;
  expect(seen).toEqual(ids.map((id) => nameOf(id)));
  const watching = artefacts.watchArtefacts({ parent, resumeToken: "no token" });
  await expect(watching[Symbol.asyncIterator]().next()).rejects.toEqual(refused("TOKEN_INVALID"));
});

test("a stop ends watches with UNAVAILABLE", async () => {
  const running = await startReceiver();
  await store(running, "only");
  const messages = running
    .as("reader")
    .artefacts.watchArtefacts({ parent })
    [Symbol.asyncIterator]();
  await messages.next();
  const next = messages.next();
  next.catch(() => {});
  const started = performance.now();
  await running.receiver.stop(5000);
  await expect(next).rejects.toMatchObject({ code: "UNAVAILABLE" });
  expect(performance.now() - started).toBeLessThan(4000);
  expect(running.receiver.accounts()).toMatchObject({ stored: 1, kept: 1 });
});

test("others' artefacts are refused in the same words, whether or not they exist", async () => {
  const running = await startReceiver();
  await store(running, "secret");
  const { artefacts } = running.as("other-reader");
  const answers = await Promise.all(
    ["secret", "missing", "NOT VALID"].map((id) =>
      artefacts.getArtefact({ name: nameOf(id) }).catch((error: unknown) => error),
    ),
  );
  for (const answer of answers) {
    expect(answer).toMatchObject({
      code: "PERMISSION_DENIED",
      reason: "RECIPIENT_FORBIDDEN",
      message: (answers[0] as Error).message,
      metadata: {},
    });
  }
  expect((answers[0] as Error).message).toContain("(or it might not exist)");
  const forbidden = refused("RECIPIENT_FORBIDDEN", "PERMISSION_DENIED");
  await expect(artefacts.listArtefacts({ parent, pageToken: "?" })).rejects.toEqual(forbidden);
  await expect(artefacts.deleteArtefact({ name: nameOf("secret") })).rejects.toEqual(forbidden);
  const other = running.as("other-reader");
  await expect(download(other, "secret")).rejects.toEqual(forbidden);
  const watching = artefacts.watchArtefacts({ parent })[Symbol.asyncIterator]();
  await expect(watching.next()).rejects.toEqual(forbidden);
});

test("roles are kept apart, and strangers stay out", async () => {
  const running = await startReceiver();
  const missing = refused("ROLE_MISSING", "PERMISSION_DENIED");
  await expect(running.as("fleet").artefacts.listArtefacts({ parent })).rejects.toEqual(missing);
  const reader = running.as("reader");
  await expect(send(reader, piecesOf("mine", veil(500)))).rejects.toEqual(missing);
  const stranger = running.as("stranger");
  await expect(stranger.artefacts.listArtefacts({ parent: "?" })).rejects.toEqual(
    refused("CLIENT_UNKNOWN", "UNAUTHENTICATED"),
  );
  expect(running.receiver.accounts().refused).toEqual({ ROLE_MISSING: 2, CLIENT_UNKNOWN: 1 });
});

test("clients can be replaced while calls are open", async () => {
  const running = await startReceiver();
  await store(running, "first");
  const fleet = running.as("fleet");
  const watching = running
    .as("reader")
    .artefacts.watchArtefacts({ parent })
    [Symbol.asyncIterator]();
  await watching.next();
  running.receiver.setClients(running.options.clients.filter(({ name }) => name !== "reader"));
  await send(fleet, piecesOf("second", veil(500)));
  await expect(watching.next()).rejects.toEqual(refused("RECIPIENT_FORBIDDEN"));
  await expect(running.as("reader").artefacts.listArtefacts({ parent })).rejects.toEqual(
    refused("CLIENT_UNKNOWN"),
  );
  running.receiver.setClients(running.options.clients);
  expect((await running.as("reader").artefacts.listArtefacts({ parent })).artefacts).toHaveLength(
    2,
  );
});

test("neither log nor errors tell names of artefacts, sources or addresses", async () => {
  const running = await startReceiver();
  await store(running, "telltale-id");
  await running
    .as("stranger")
    .artefacts.listArtefacts({ parent })
    .catch(() => {});
  await running
    .as("fleet")
    .ingest.cancelWrite({ name: "recipients/?" })
    .catch(() => {});
  await until(() => running.log.events.length > 0);
  const text = JSON.stringify(running.log.events, (_, v) => (typeof v === "bigint" ? `${v}` : v));
  for (const secret of ["telltale-id", SOURCE, RECIPIENT, "127.0.0.1"])
    expect(text).not.toContain(secret);
});
