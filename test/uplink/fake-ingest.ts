/** A receiver made of plain functions: keeps what it gets, and fails as the test asks. */
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { Clock } from "../../host/core/clock.ts";
import type { WriteArtefactRequestSchema } from "../../host/gen/mapveil/v1/ingest_service_pb.ts";
import { RpcError } from "../../host/rpc/index.ts";
import { digestOf } from "../../host/spool/digest.ts";
import type { IngestLink } from "../../host/uplink/index.ts";

type Piece = MessageInitShape<typeof WriteArtefactRequestSchema>;

export interface Faults {
  /** Asked before a piece is taken; an error ends the call instead. Counts pieces from 0. */
  onPiece?(name: string, count: number): Error | undefined | Promise<Error | undefined>;
  /** Asked when an artefact is whole; an error goes out instead of the answer. */
  onStored?(name: string): Error | undefined;
  onFloor?(): Error | undefined;
  /** Waited for before what was received is discarded. */
  onCancel?(): Promise<void>;
}

export class FakeIngest {
  readonly stored = new Map<string, Buffer>();
  readonly partial = new Map<string, Buffer>();
  /** Names in the order in which they were stored, and how often each was. */
  readonly storedOrder: string[] = [];
  readonly floors: string[] = [];
  readonly calls: string[] = [];
  /** Everything that came, with the link that it came over and the time. */
  readonly seen: { link: number; what: string; source: string; atMs: number }[] = [];
  readonly timesMs: number[] = [];
  faults: Faults = {};
  links = 0;
  openCalls = 0;
  /** Bytes that arrived, and those of them that had arrived before. */
  bytes = 0;
  bytesAgain = 0;
  pieces = 0;
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  readonly connect = (): IngestLink => {
    const link = ++this.links;
    const note = (what: string, source: string) =>
      this.seen.push({ link, what, source, atMs: this.#clock.monotonicMs() });
    const refuse = (signal?: AbortSignal) => {
      if (signal?.aborted) throw cancelled();
    };
    return {
      close: () => note("close", ""),
      client: {
        writeArtefact: (options) => {
          const call = this.#write(options?.signal);
          return {
            ...call,
            write: (piece: Piece) => {
              note(piece.name ? `write ${piece.name.split("/")[3]}` : "piece", piece.source ?? "");
              return call.write(piece);
            },
          };
        },
        queryWriteStatus: async ({ name = "" }, options) => {
          refuse(options?.signal);
          note(`query ${name.split("/")[3]}`, "");
          this.calls.push("query");
          const whole = this.stored.get(name);
          const part = whole ?? this.partial.get(name);
          if (!part) throw new RpcError("NOT_FOUND", "WRITE_NOT_FOUND", "Nothing.");
          const committedSize = BigInt(part.length);
          return message({ committedSize, complete: whole !== undefined });
        },
        cancelWrite: async ({ name = "" }, options) => {
          this.calls.push("cancel");
          note(`cancel ${name.split("/")[3]}`, "");
          const ended = new Promise<never>((_, reject) =>
            options?.signal?.addEventListener("abort", () => reject(cancelled())),
          );
          await Promise.race([this.faults.onCancel?.(), ended]);
          this.partial.delete(name);
          return message({});
        },
        lookUpUploads: unused,
        deleteUpload: unused,
        raiseEpochFloor: async ({ dataClass, epochFloor = 0n, source }) => {
          const error = this.faults.onFloor?.();
          if (error) throw error;
          this.calls.push("floor");
          note(`floor ${dataClass}`, source ?? "");
          this.floors.push(`${source} ${dataClass} ${epochFloor}`);
          return message({ epochFloor });
        },
      },
    };
  };

  #write(signal: AbortSignal | undefined) {
    this.openCalls++;
    this.calls.push("write");
    let name = "";
    let at: number | undefined;
    let settle = (_: { committedSize: bigint; complete: boolean }) => {};
    let fail = (_: Error) => {};
    let error: Error | undefined;
    const response = new Promise<never>((resolve, reject) => {
      settle = (answer) => {
        resolve(message(answer));
      };
      fail = (reason) => {
        error ??= reason;
        reject(error);
      };
    });
    response.then(
      () => this.openCalls--,
      () => this.openCalls--,
    );
    signal?.addEventListener("abort", () => fail(cancelled()), { once: true });
    const take = (piece: Piece) => {
      const data = Buffer.from(piece.data ?? new Uint8Array());
      const offset = Number(piece.writeOffset);
      const part = this.partial.get(name) ?? Buffer.alloc(0);
      this.bytes += data.length;
      this.timesMs.push(this.#clock.monotonicMs());
      if (!this.stored.has(name)) {
        if (offset !== (at ?? part.length) || offset !== part.length) {
          this.bytesAgain += data.length;
          const metadata = { committed_size: String(part.length) };
          throw new RpcError("OUT_OF_RANGE", "OFFSET_MISMATCH", "Elsewhere.", { metadata });
        }
        this.partial.set(name, Buffer.concat([part, data]));
      } else this.bytesAgain += data.length;
      at = offset + data.length;
      if (piece.finishWrite) this.#finish(name, piece, settle);
    };
    return {
      response,
      end() {},
      write: async (piece: Piece) => {
        await Promise.resolve();
        if (error) throw error;
        name ||= piece.name ?? "";
        const fault = await this.faults.onPiece?.(name, this.pieces++);
        if (fault) fail(fault);
        if (error) throw error;
        try {
          take(piece);
        } catch (reason) {
          fail(reason as Error);
          throw reason;
        }
      },
    };
  }

  #finish(name: string, piece: Piece, settle: (answer: never) => void): void {
    const part = this.stored.get(name) ?? this.partial.get(name)!;
    if (Buffer.compare(digestOf(part), piece.digest!) !== 0) {
      this.partial.delete(name);
      throw new RpcError("DATA_LOSS", "DIGEST_MISMATCH", "Other bytes.");
    }
    if (!this.stored.has(name)) this.storedOrder.push(name.split("/")[3]!);
    this.stored.set(name, part);
    this.partial.delete(name);
    const fault = this.faults.onStored?.(name);
    if (fault) throw fault;
    settle({ committedSize: BigInt(part.length), complete: true } as never);
  }
}

const cancelled = () => new RpcError("CANCELLED", "CANCELLED", "The client cancelled the call.");

const unused = () => Promise.reject(new Error("The uplink does not call this."));

/** The uplink reads fields only, so that a message needs no more than them. */
const message = (fields: object) => fields as never;

export const unavailable = () => new RpcError("UNAVAILABLE", "UNAVAILABLE", "The link is cut.");
