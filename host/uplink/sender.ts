/** Sends one artefact over one link, from where the receiver has it. */
import type { WriteArtefactResponse } from "../gen/mapveil/v1/ingest_service_pb.ts";
import { RpcError } from "../rpc/index.ts";
import type { SpooledArtefact } from "../spool/types.ts";
import type { Bandwidth } from "./bandwidth.ts";
import { mayLeave } from "./may-leave.ts";
import type { Progress } from "./progress.ts";
import { withoutStall } from "./stall.ts";
import type { IngestLink, UplinkParts } from "./types.ts";
import { artefactName, wireClass } from "./wire-names.ts";

/** Told of bytes as they are handed to the link. */
type OnSent = (bytes: number, resentBytes: number) => void;

export class Sender {
  readonly #parts: UplinkParts;
  readonly #bandwidth: Bandwidth;
  readonly #onSent: OnSent;

  constructor(parts: UplinkParts, bandwidth: Bandwidth, onSent: OnSent) {
    this.#parts = parts;
    this.#bandwidth = bandwidth;
    this.#onSent = onSent;
  }

  /**
   * One attempt; resolves when the receiver has the artefact whole. Throws the RpcError of the
   * failure; CANCELLED when the signal aborts or the gate closes. No call is open afterwards.
   */
  async send(
    link: IngestLink,
    source: string,
    artefact: SpooledArtefact,
    veil: Uint8Array,
    progress: Progress,
    signal: AbortSignal,
  ): Promise<void> {
    progress.offset ??= await this.#committedSize(link, artefact, signal);
    // Whatever happens to this attempt: the next one has to ask, unless the answer tells.
    const offset = progress.offset;
    progress.offset = undefined;
    if (offset > progress.committedBytes) {
      progress.committedBytes = offset;
      progress.failures = 0;
    }
    const { chunkBytes, stallTimeoutMs } = this.#parts.options;
    const pieces = Math.ceil((veil.length - offset) / chunkBytes) + 2;
    const timeoutMs = Math.ceil(
      pieces * stallTimeoutMs +
        2 * this.#bandwidth.durationMs(veil.length * this.#parts.options.parallel),
    );
    const over = new AbortController();
    const call = link.client.writeArtefact({
      timeoutMs,
      signal: AbortSignal.any([signal, over.signal]),
    });
    call.response.catch(() => {});
    try {
      const written = this.#writePieces(call, source, artefact, veil, offset, progress, signal);
      const response = await written.catch(async (error: unknown) => {
        // The answer says more than the write that it ended, unless it is this side that gives up.
        if (signal.aborted || (error instanceof RpcError && OWN_REASONS.has(error.reason))) {
          throw error;
        }
        return withoutStall(call.response, stallTimeoutMs, this.#parts.clock);
      });
      if (!response.complete) {
        throw new RpcError(
          "INTERNAL",
          "INCOMPLETE",
          "The receiver did not take the artefact whole.",
        );
      }
    } finally {
      over.abort();
      await call.response.catch(() => {});
    }
  }

  async #committedSize(
    link: IngestLink,
    artefact: SpooledArtefact,
    signal: AbortSignal,
  ): Promise<number> {
    const timeoutMs = this.#parts.options.stallTimeoutMs;
    const name = artefactName(artefact);
    try {
      const status = await link.client.queryWriteStatus({ name }, { timeoutMs, signal });
      // Stored: an empty piece with size and digest makes sure that it is this one.
      if (status.complete) return artefact.sealedBytes;
      if (status.committedSize <= BigInt(artefact.sealedBytes)) return Number(status.committedSize);
      await link.client.cancelWrite({ name }, { timeoutMs, signal });
      return 0;
    } catch (error) {
      if (error instanceof RpcError && error.code === "NOT_FOUND") return 0;
      throw error;
    }
  }

  async #writePieces(
    call: ReturnType<IngestLink["client"]["writeArtefact"]>,
    source: string,
    artefact: SpooledArtefact,
    veil: Uint8Array,
    from: number,
    progress: Progress,
    signal: AbortSignal,
  ): Promise<WriteArtefactResponse> {
    const { gate, clock, options, names } = this.#parts;
    const first = {
      name: artefactName(artefact),
      source,
      dataClass: wireClass(artefact.dataClass),
      deletionHash: names.deletionHash(artefact.id),
    };
    for (let offset = from, isFinished = false; !isFinished; ) {
      const data = veil.subarray(offset, offset + options.chunkBytes);
      const end = offset + data.length;
      isFinished = end === veil.length;
      await this.#bandwidth.take(data.length, signal);
      if (signal.aborted) throw new RpcError("CANCELLED", "ENDED", "The upload was ended.");
      if (!mayLeave(gate, artefact)) {
        throw new RpcError(
          "CANCELLED",
          "NOT_ALLOWED",
          "The owner does not let this leave any more.",
        );
      }
      this.#onSent(data.length, Math.max(0, Math.min(end, progress.sentBytes) - offset));
      progress.sentBytes = Math.max(progress.sentBytes, end);
      const written = call.write({
        ...(offset === from && first),
        writeOffset: BigInt(offset),
        data,
        finishWrite: isFinished,
        ...(isFinished && { totalSize: BigInt(veil.length), digest: artefact.digest }),
      });
      // A call that fails ends the wait for room as well.
      const taken = Promise.race([written, call.response.then(() => written)]);
      await withoutStall(taken, options.stallTimeoutMs, clock);
      offset = end;
    }
    call.end();
    return withoutStall(call.response, options.stallTimeoutMs, clock);
  }
}

/** Failures that this side found, for which no answer has to be waited. */
const OWN_REASONS: ReadonlySet<string> = new Set(["STALLED", "ENDED", "NOT_ALLOWED"]);
