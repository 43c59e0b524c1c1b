/**
 * What the disk holds of an artefact beside its sealed bytes. Little-endian:
 * version u8 · class u8 · level u8 · epoch u64 · recipient 8 · size u32 · digest 32 · spooled at f64 ·
 * age f64 · id length u8 · id · checksum 8 (BLAKE2b-256 of serial and all before, cut).
 */
import { DATA_CLASSES, type DataClass } from "../permission/vocabulary.ts";
import type { Level } from "../policy/index.ts";
import { digestOf } from "./digest.ts";
import type { SpooledArtefact } from "./types.ts";

/** An artefact with what only the spool needs. */
export interface Entry {
  readonly artefact: SpooledArtefact;
  /** Reading of the spool's own age clock when it was added, milliseconds. */
  readonly ageMs: number;
}

const VERSION = 1;
const FIXED_BYTES = 72;
const CHECKSUM_BYTES = 8;
const ID_BYTES_MAX = 63;

/** Place in the array is the number on the disk: append only. */
const LEVELS: readonly Level[] = ["nothing", "plan", "map", "frames", "full"];

function checksum(serial: number, record: Uint8Array): Uint8Array {
  return digestOf(Buffer.concat([serialKey(serial), record])).subarray(0, CHECKSUM_BYTES);
}

/** The key of an artefact: its serial, big-endian, so that the order of keys is that of age. */
export function serialKey(serial: number): Buffer {
  const key = Buffer.alloc(8);
  key.writeBigUInt64BE(BigInt(serial));
  return key;
}

/** The serial in a key; undefined if it is none. */
export function serialOf(key: Uint8Array): number | undefined {
  if (key.length !== 8) return undefined;
  const serial = Number(Buffer.from(key).readBigUInt64BE());
  return Number.isSafeInteger(serial) ? serial : undefined;
}

/** The record of an entry. */
export function encodeEntry({ artefact, ageMs }: Entry): Buffer {
  const id = Buffer.from(artefact.id, "latin1");
  const record = Buffer.alloc(FIXED_BYTES + id.length);
  record.writeUInt8(VERSION, 0);
  record.writeUInt8(DATA_CLASSES.indexOf(artefact.dataClass), 1);
  record.writeUInt8(LEVELS.indexOf(artefact.level), 2);
  record.writeBigUInt64LE(artefact.epoch, 3);
  record.write(artefact.recipient, 11, "hex");
  record.writeUInt32LE(artefact.sealedBytes, 19);
  record.set(artefact.digest, 23);
  record.writeDoubleLE(artefact.spooledAtMs, 55);
  record.writeDoubleLE(ageMs, 63);
  record.writeUInt8(id.length, 71);
  record.set(id, FIXED_BYTES);
  return Buffer.concat([record, checksum(artefact.serial, record)]);
}

/** The entry in a record; undefined if the record is not as it was written for this serial. */
export function decodeEntry(serial: number, bytes: Uint8Array): Entry | undefined {
  const record = Buffer.from(bytes);
  const end = record.length - CHECKSUM_BYTES;
  if (end < FIXED_BYTES || record.readUInt8(0) !== VERSION) return undefined;
  if (record.compare(checksum(serial, record.subarray(0, end)), 0, CHECKSUM_BYTES, end) !== 0) {
    return undefined;
  }
  const dataClass: DataClass | undefined = DATA_CLASSES[record.readUInt8(1)];
  const level = LEVELS[record.readUInt8(2)];
  const idBytes = record.readUInt8(71);
  if (!dataClass || !level || idBytes > ID_BYTES_MAX || FIXED_BYTES + idBytes !== end) {
    return undefined;
  }
  const artefact: SpooledArtefact = {
    id: record.toString("latin1", FIXED_BYTES, end),
    serial,
    dataClass,
    level,
    epoch: record.readBigUInt64LE(3),
    recipient: record.toString("hex", 11, 19),
    sealedBytes: record.readUInt32LE(19),
    digest: new Uint8Array(record.subarray(23, 55)),
    spooledAtMs: record.readDoubleLE(55),
  };
  return { artefact, ageMs: record.readDoubleLE(63) };
}
