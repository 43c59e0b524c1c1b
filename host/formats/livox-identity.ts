/**
 * What Livox lidars say of themselves beside the points, in their control protocol: the broadcast of
 * the first kit, and the second's answers to a search and its pushed states.
 */
import type { MetadataName } from "../core/frame.ts";
import type { Tell } from "./metadata-list.ts";

const START = 0xaa;
const HEADER_1 = 11;
const HEADER_2 = 24;
const BROADCAST_CODE_BYTES = 16;
const SERIAL_BYTES = 16;

const SEARCH = 0x0000;
const READ_STATE = 0x0101;
const PUSHED_STATE = 0x0102;
const FROM_LIDAR = 1;

/** By the type that a lidar says it is of. */
const MODELS: Readonly<Record<number, string>> = {
  1: "Mid-40",
  2: "Tele-15",
  3: "Horizon",
  6: "Mid-70",
  7: "Avia",
  9: "Mid-360",
  10: "HAP",
  15: "HAP",
  35: "Mid-360S",
  40: "Avia 2",
};

/** Entries of a state that name a unit, a network or a firmware: kind of value, by key. */
const STATE_KEYS: Readonly<
  Record<number, readonly [MetadataName, "text" | "mac" | "address" | "version"]>
> = {
  4: ["ip_address", "address"],
  5: ["ip_address", "address"],
  6: ["ip_address", "address"],
  7: ["ip_address", "address"],
  8: ["ip_address", "address"],
  9: ["ip_address", "address"],
  37: ["ip_address", "address"],
  32768: ["serial_number", "text"],
  32769: ["part_number", "text"],
  32770: ["firmware", "version"],
  32771: ["firmware", "version"],
  32772: ["firmware", "version"],
  32773: ["mac_address", "mac"],
};

/** True for a packet of the control protocol, of whichever kit. */
export function isLivoxControl(packet: Uint8Array): boolean {
  if (packet.length < HEADER_1 || packet[0] !== START || packet[1]! > 1) return false;
  return (packet[2]! | (packet[3]! << 8)) === packet.length;
}

/** Tells what a packet of the control protocol names. */
export function tellLivoxIdentity(packet: Uint8Array, tell: Tell): void {
  if (!isLivoxControl(packet)) return;
  // The first kit writes version 1, the second version 0.
  if (packet[1] === 1) tellBroadcast(packet, tell);
  else if (packet.length >= HEADER_2 + 4 && packet[11] === FROM_LIDAR) tellAnswer(packet, tell);
}

function tellAnswer(packet: Uint8Array, tell: Tell): void {
  const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
  const command = view.getUint16(8, true);
  const keys = (at: number) => view.getUint16(HEADER_2 + at, true);
  if (command === SEARCH) tellSearch(packet.subarray(HEADER_2), tell);
  // A return code, then the number of keys; or that number and two bytes of nothing.
  else if (command === READ_STATE) tellState(view, HEADER_2 + 3, keys(1), tell);
  else if (command === PUSHED_STATE) tellState(view, HEADER_2 + 4, keys(0), tell);
}

/** Command set 0, command 0, sent to all: code, type. */
function tellBroadcast(packet: Uint8Array, tell: Tell): void {
  const at = HEADER_1;
  if (packet.length < at + BROADCAST_CODE_BYTES + 1 || packet[9] !== 0 || packet[10] !== 0) return;
  tell("serial_number", textOf(packet.subarray(at, at + BROADCAST_CODE_BYTES)));
  tell("sensor_model", MODELS[packet[at + BROADCAST_CODE_BYTES]!]);
}

/** Return code, type, serial number, address. */
function tellSearch(data: Uint8Array, tell: Tell): void {
  if (data.length < 2 + SERIAL_BYTES + 4) return;
  tell("sensor_model", MODELS[data[1]!]);
  tell("serial_number", textOf(data.subarray(2, 2 + SERIAL_BYTES)));
  tell("ip_address", data.subarray(2 + SERIAL_BYTES, 6 + SERIAL_BYTES).join("."));
}

/** Keys with the length of their value and the value; damaged ones end the list. */
function tellState(view: DataView, start: number, keys: number, tell: Tell): void {
  for (let key = 0, at = start; key < keys && at + 4 <= view.byteLength; key++) {
    const length = view.getUint16(at + 2, true);
    if (at + 4 + length > view.byteLength) return;
    const value = new Uint8Array(view.buffer, view.byteOffset + at + 4, length);
    const [name, kind] = STATE_KEYS[view.getUint16(at, true)] ?? [];
    if (name !== undefined && kind !== undefined) tell(name, FORMS[kind](value));
    at += 4 + length;
  }
}

const FORMS: Readonly<
  Record<"text" | "mac" | "address" | "version", (value: Uint8Array) => string>
> = {
  text: textOf,
  mac: (value) =>
    Array.from(value.subarray(0, 6), (b) => b.toString(16).padStart(2, "0")).join(":"),
  address: (value) => value.subarray(0, 4).join("."),
  version: (value) => value.join("."),
};

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("utf8").split("\0", 1)[0]!;
}
