/**
 * One call of WriteArtefact. Its way: the first message names the artefact; if it is stored already, the
 * last message is compared with it; else the write is opened where it stands, takes message by message,
 * and ends as stored, as kept for later, or as discarded because it can never be right.
 */
import { HEADER_BYTES } from "../../assembly/abi.ts";
import type { WriteArtefactRequest } from "../gen/mapveil/v1/ingest_service_pb.ts";
import type { DataClass } from "../gen/mapveil/v1/types_pb.ts";
import { keyIdText } from "../keys/index.ts";
import type { CallContext } from "../rpc/index.ts";
import { RpcError } from "../rpc/index.ts";
import { parseHeader } from "../veil/header.ts";
import { nameOf, parseName } from "./names.ts";
import type { ReceiverParts } from "./parts.ts";
import { type Reason, refusal } from "./reasons.ts";
import { checkMessage, checkOrigin, deletionHashIn } from "./request-checks.ts";
import { RunningDigest } from "./running-digest.ts";
import type { ArtefactKey, ArtefactWrite, StoredArtefact } from "./store.ts";

/** Bytes that are read back at once when the digest of an earlier part is made. */
const READ_BACK_BYTES = 2 ** 20;

/** What was received can never become this artefact. */
const HOPELESS: readonly Reason[] = ["DIGEST_MISMATCH", "ARTEFACT_TOO_LARGE", "STALE_EPOCH"];

/** What is on the disk, as the answer says it. */
export interface WriteProgress {
  readonly committedSize: bigint;
  readonly complete: boolean;
}

const storedWhole = ({ sizeBytes }: StoredArtefact): WriteProgress => ({
  committedSize: BigInt(sizeBytes),
  complete: true,
});

export class WriteCall {
  readonly #parts: ReceiverParts;
  readonly #call: CallContext;
  readonly #messages: AsyncIterator<WriteArtefactRequest>;
  #key: ArtefactKey = { recipient: "", artefact: "" };
  #source = "";
  #dataClass: DataClass = 0;
  #deletionHash = "";
  #write: ArtefactWrite | undefined;
  #digest: RunningDigest | undefined;

  constructor(
    parts: ReceiverParts,
    call: CallContext,
    messages: AsyncIterable<WriteArtefactRequest>,
  ) {
    this.#parts = parts;
    this.#call = call;
    this.#messages = messages[Symbol.asyncIterator]();
  }

  /** Runs the call to its answer, or throws its refusal. What counts as received is durable then. */
  async run(): Promise<WriteProgress> {
    try {
      const first = await this.#next();
      if (first === undefined) throw refusal("REQUEST_MISSING");
      this.#key = parseName(first.name, (recipient) => this.#checkAccess(recipient));
      checkOrigin(first);
      this.#deletionHash = deletionHashIn(first);
      this.#source = first.source;
      this.#dataClass = first.dataClass;
      const found = await this.#parts.store.look(this.#key);
      if (found.state === "stored") return await this.#compare(found.artefact, first);
      if (found.state === "deleted") throw refusal("ARTEFACT_DELETED");
      const begun = found.state === "unfinished" && found.committedBytes > 0;
      return await this.#receive(first, begun ? found.epoch : undefined);
    } catch (error) {
      if (error instanceof RpcError && (HOPELESS as readonly string[]).includes(error.reason)) {
        await this.#write?.discard();
      }
      throw error;
    } finally {
      this.#digest?.finish();
      await this.#write?.close();
    }
  }

  /** Whether a stored artefact is what this call writes: its last message says so. */
  async #compare(stored: StoredArtefact, first: WriteArtefactRequest): Promise<WriteProgress> {
    for (
      let message: WriteArtefactRequest | undefined = first;
      message !== undefined;
      message = await this.#next()
    ) {
      this.#checkAccess(this.#key.recipient);
      if (!message.finishWrite) continue;
      const sameSize = message.totalSize === BigInt(stored.sizeBytes);
      if (sameSize && Buffer.compare(message.digest, stored.digest) === 0) break;
      throw refusal("ALREADY_STORED_DIFFERENT", { metadata: { name: nameOf(this.#key) } });
    }
    return storedWhole(stored);
  }

  async #compareAnew(message: WriteArtefactRequest): Promise<WriteProgress> {
    const found = await this.#parts.store.look(this.#key);
    if (found.state !== "stored") throw refusal("ARTEFACT_DELETED");
    return await this.#compare(found.artefact, message);
  }

  async #receive(first: WriteArtefactRequest, known: bigint | undefined): Promise<WriteProgress> {
    let message: WriteArtefactRequest | undefined = first;
    let epoch = known;
    /** Bytes of messages before the one that ends the header. */
    let head: Uint8Array = new Uint8Array();
    while (message !== undefined) {
      this.#checkAccess(this.#key.recipient);
      checkMessage(message, this.#key, this.#parts.limits().artefactBytes);
      let data = message.data;
      if (epoch === undefined) {
        if (message.writeOffset !== BigInt(head.length)) throw offsetMismatch(0);
        data = head = head.length === 0 ? data : Buffer.concat([head, data]);
        if (head.length >= HEADER_BYTES || message.finishWrite) epoch = this.#epochIn(head);
      }
      if (epoch !== undefined) {
        const stored = await this.#take(message, data, epoch);
        if (stored === "already") return await this.#compareAnew(message);
        if (stored !== undefined) return storedWhole(stored);
      }
      message = await this.#next();
    }
    await this.#write?.close();
    return { committedSize: BigInt(this.#write?.committedBytes ?? 0), complete: false };
  }

  /** Takes the bytes of a message, and finishes if it is the last one. `data` may begin before it. */
  async #take(
    message: WriteArtefactRequest,
    data: Uint8Array,
    epoch: bigint,
  ): Promise<StoredArtefact | "already" | undefined> {
    const write = this.#write ?? (await this.#open(epoch));
    if (write === "already") return write;
    const end = message.writeOffset + BigInt(message.data.length);
    const fits = end === BigInt(write.receivedBytes + data.length);
    // What there was when the call began may have been discarded since.
    if (!fits || (write.receivedBytes === 0 && this.#epochIn(data) !== epoch)) {
      await write.close();
      throw offsetMismatch(write.committedBytes);
    }
    const digest = this.#digest ?? (await this.#digestOf(write));
    await this.#atItsRate(write, data.length);
    // Nothing is awaited between the check and the counting: others write at the same time.
    this.#checkShare(data.length);
    await write.append(data);
    digest.update(data);
    if (!message.finishWrite) return undefined;
    const isWhole = message.totalSize === end;
    if (!isWhole || Buffer.compare(message.digest, digest.finish()) !== 0) {
      throw refusal("DIGEST_MISMATCH");
    }
    return write.finish(message.digest);
  }

  /** Opens the write; "already" if another call has finished it meanwhile. */
  async #open(epoch: bigint): Promise<ArtefactWrite | "already"> {
    const { store, limits } = this.#parts;
    const { name: client } = this.#call.client;
    const [source, dataClass] = [this.#source, this.#dataClass];
    const deletionHash = this.#deletionHash;
    const floor = await store.floor({ recipient: this.#key.recipient, source, dataClass });
    if (floor !== undefined && epoch < floor.epoch) {
      await store.cancelWrite(this.#key);
      throw refusal("STALE_EPOCH", { metadata: { epoch_floor: String(floor.epoch) } });
    }
    const { state } = await store.look(this.#key);
    if (state === "absent" && store.unfinishedOf(client) >= limits().unfinishedPerClient) {
      throw refusal("TOO_MANY_WRITES");
    }
    try {
      const origin = { client, source, dataClass, epoch, deletionHash };
      this.#write = await store.openWrite(this.#key, origin);
      return this.#write;
    } catch (error) {
      if (error instanceof RpcError && error.reason === "ALREADY_STORED_DIFFERENT")
        return "already";
      throw error;
    }
  }

  /** Throws QUOTA_EXCEEDED for what is beyond the recipient's share. */
  #checkShare(bytes: number): void {
    const { store, limits } = this.#parts;
    if (store.usedBytes(this.#key.recipient) + bytes > limits().recipientBytes) {
      throw refusal("QUOTA_EXCEEDED");
    }
  }

  /** Slows a client down to its rate. */
  async #atItsRate(write: ArtefactWrite, bytes: number): Promise<void> {
    const { limits, rates, clock } = this.#parts;
    const { bytesPerSPerClient } = limits();
    const delayMs = rates.delayMs(this.#call.client.name, bytes, bytesPerSPerClient);
    if (delayMs > 0) await this.#unlessEnded(clock.sleep(delayMs, this.#call.signal));
    this.#call.signal.throwIfAborted();
    write.ended.throwIfAborted();
  }

  /** The digest so far; of a write that is gone on with, out of what lies on the disk. */
  async #digestOf(write: ArtefactWrite): Promise<RunningDigest> {
    const digest = new RunningDigest();
    this.#digest = digest;
    for (let at = 0; at < write.receivedBytes; ) {
      write.ended.throwIfAborted();
      const piece = await write.read(at, Math.min(READ_BACK_BYTES, write.receivedBytes - at));
      digest.update(piece);
      at += piece.length;
    }
    return digest;
  }

  /** The permission epoch in the header of an artefact for this recipient. */
  #epochIn(head: Uint8Array): bigint {
    try {
      const { keyId, epoch } = parseHeader(head);
      if (keyIdText(keyId) === this.#key.recipient) return epoch;
    } catch (cause) {
      throw refusal("HEADER_MISMATCH", { field: "data", cause });
    }
    throw refusal("HEADER_MISMATCH", { field: "data" });
  }

  #checkAccess(recipient: string): void {
    this.#parts.clients.check(this.#call.client, this.#call.method, recipient);
  }

  /** The next message; undefined when the client has ended the stream. Throws WRITE_STALLED. */
  async #next(): Promise<WriteArtefactRequest | undefined> {
    const { clock, limits } = this.#parts;
    const arrived = new AbortController();
    const stalled = clock.sleep(limits().stallTimeoutMs, arrived.signal).then(() => {
      if (!arrived.signal.aborted) throw refusal("WRITE_STALLED");
    });
    stalled.catch(() => {});
    try {
      const result = await this.#unlessEnded(Promise.race([this.#messages.next(), stalled]));
      return result === undefined || result.done === true ? undefined : result.value;
    } finally {
      arrived.abort();
    }
  }

  /** Waits for a promise, or throws why the write was taken away meanwhile. */
  async #unlessEnded<T>(promise: Promise<T>): Promise<T> {
    const ended = this.#write?.ended;
    if (ended === undefined) return promise;
    // What comes too late is nobody's concern.
    promise.catch(() => {});
    return new Promise<T>((resolve, reject) => {
      const onEnd = () => reject(ended.reason);
      if (ended.aborted) return onEnd();
      ended.addEventListener("abort", onEnd, { once: true });
      promise.then(resolve, reject).finally(() => ended.removeEventListener("abort", onEnd));
    });
  }
}

function offsetMismatch(committedBytes: number): RpcError {
  return refusal("OFFSET_MISMATCH", { metadata: { committed_size: String(committedBytes) } });
}
