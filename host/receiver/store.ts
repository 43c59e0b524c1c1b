/**
 * What the receiver needs of a storage, whatever it is made of. Every promise resolves when its change
 * is durable; every rejection is a refusal with a reason of reasons.ts, DISK_FULL and DISK_FAULT among
 * them at any time. Keys are valid when they come here.
 */
import type { DataClass } from "../gen/mapveil/v1/types_pb.ts";

/**
 * What an artefact takes up beside its bytes, in bytes: its record and the rest of its last block.
 * Counted, so that many small ones cannot take the disk from other recipients.
 */
export const ARTEFACT_OVERHEAD_BYTES = 4096;

/** Names an artefact. */
export interface ArtefactKey {
  /** 16 hexadecimal digits. */
  readonly recipient: string;
  /** 4 to 63 characters of a-z, 0-9 and -. */
  readonly artefact: string;
}

/** What a withdrawal is about. */
export interface FloorKey {
  readonly recipient: string;
  /** 32 hexadecimal digits. */
  readonly source: string;
  readonly dataClass: DataClass;
}

export interface Floor {
  /** Artefacts under an epoch below this are refused. */
  readonly epoch: bigint;
  /** Milliseconds since the Unix epoch. */
  readonly raisedAtMs: number;
}

/** What is told of a write when it is opened. */
export interface WriteOrigin {
  /** Name of the client, for its limit of unfinished writes. */
  readonly client: string;
  readonly source: string;
  readonly dataClass: DataClass;
  /** Permission epoch in the artefact's header. */
  readonly epoch: bigint;
  /** BLAKE2b-256 of the robot's key to delete it, 64 hexadecimal digits; empty if it has none. */
  readonly deletionHash: string;
}

/** What is known of an artefact that is stored whole. */
export interface StoredArtefact extends ArtefactKey {
  readonly source: string;
  readonly dataClass: DataClass;
  readonly epoch: bigint;
  readonly sizeBytes: number;
  /** BLAKE2b-256 of its bytes. */
  readonly digest: Uint8Array;
  /** Milliseconds since the Unix epoch. */
  readonly storedAtMs: number;
  /** As in WriteOrigin. */
  readonly deletionHash: string;
  /** Its place among the recipient's artefacts in the order of storage, from 1 on. */
  readonly order: number;
}

export type ArtefactState =
  | { readonly state: "absent" }
  | ({ readonly state: "unfinished"; readonly committedBytes: number } & Pick<
      WriteOrigin,
      "epoch" | "dataClass" | "deletionHash"
    >)
  | { readonly state: "stored"; readonly artefact: StoredArtefact }
  /** It was stored, and can never be written again. */
  | { readonly state: "deleted" };

/** One artefact being written by one call; its methods are called one after the other. */
export interface ArtefactWrite {
  /** Bytes that are durable. */
  readonly committedBytes: number;
  /** Bytes that were taken, durable or not; where the next ones go. */
  readonly receivedBytes: number;
  /** Aborted with a refusal when another call takes over, or the write is discarded. */
  readonly ended: AbortSignal;
  /** Takes bytes at the end. What fits is kept when the disk is full. */
  append(bytes: Uint8Array): Promise<void>;
  /** Reads back bytes that were taken. */
  read(offset: number, length: number): Promise<Uint8Array>;
  /**
   * Makes it a stored artefact: bytes, then index, then the answer. Rejects with STALE_EPOCH if the
   * floor rose above its epoch, and then discards it.
   */
  finish(digest: Uint8Array): Promise<StoredArtefact>;
  /** Forgets what was received. */
  discard(): Promise<void>;
  /** Lets go of it. What was received and neither finished nor discarded is made durable and kept. */
  close(): Promise<void>;
}

/** A stored artefact being read. */
export interface ArtefactRead {
  readonly sizeBytes: number;
  /** Up to `length` bytes. ARTEFACT_NOT_FOUND once it is deleted, ARTEFACT_DAMAGED if bytes lack. */
  read(offset: number, length: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** Exact at every moment: stored = kept + deleted + lost, since the storage was made. */
export interface StoreAccounts {
  readonly stored: number;
  readonly kept: number;
  readonly keptBytes: number;
  readonly deleted: number;
  /** Artefacts whose bytes had vanished from the disk when the storage was opened. */
  readonly lost: number;
  /** Writes that are not finished, and their bytes. */
  readonly unfinished: number;
  readonly unfinishedBytes: number;
}

export interface Store {
  /** What is there. Makes durable first what an open write has taken. */
  look(key: ArtefactKey): Promise<ArtefactState>;
  /**
   * Opens a write, new or at the end of what is there. An open write of the same artefact is ended
   * with WRITE_SUPERSEDED and keeps what it took. Rejects with ARTEFACT_DELETED, and with
   * ALREADY_STORED_DIFFERENT for whatever is stored.
   */
  openWrite(key: ArtefactKey, origin: WriteOrigin): Promise<ArtefactWrite>;
  /** Discards an unfinished write, ending an open one with WRITE_CANCELLED; nothing if there is none. */
  cancelWrite(key: ArtefactKey): Promise<void>;
  /** The floor of a source and class, if it was ever raised. */
  floor(key: FloorKey): Promise<Floor | undefined>;
  /**
   * Raises a floor, never lowers it, and discards unfinished writes below it with STALE_EPOCH. Rejects
   * with QUOTA_EXCEEDED for one more floor than is kept for a recipient.
   */
  raiseFloor(key: FloorKey, epoch: bigint): Promise<Floor>;
  /** A recipient's artefacts behind a place in the order of storage, oldest first. */
  list(recipient: string, afterOrder: number, limit: number): Promise<readonly StoredArtefact[]>;
  /** Opens a stored artefact. ARTEFACT_NOT_FOUND, ARTEFACT_DAMAGED. */
  openRead(key: ArtefactKey): Promise<ArtefactRead>;
  /** Deletes a stored artefact and its bytes, for ever. False if there is none. */
  remove(key: ArtefactKey): Promise<boolean>;
  /** Calls back after an artefact of the recipient was stored; the answer ends it. */
  onStored(recipient: string, listener: () => void): () => void;
  /** Unfinished writes of a client, open or not. */
  unfinishedOf(client: string): number;
  /** Bytes stored and unfinished of a recipient, with ARTEFACT_OVERHEAD_BYTES for each artefact. */
  usedBytes(recipient: string): number;
  /**
   * Discards unfinished writes that nobody has open and that made no progress for longer than
   * `maxAgeMs`, by the time that the storage was open. Returns how many.
   */
  discardIdle(maxAgeMs: number): Promise<number>;
  accounts(): StoreAccounts;
  /** Ends what is open and closes; unfinished writes keep what they took. */
  close(): Promise<void>;
}
