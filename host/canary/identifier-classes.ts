/**
 * What must never leave, class by class: what people, devices and places are known by in the logs,
 * packets and files of robots, and in the files of those who kept them. A closed table: each class has
 * values of its own, so that a hit names its class.
 */
import type { Uniform } from "../scenes/random.ts";
import type { Identifier } from "./identifier.ts";
import {
  digits,
  han,
  hex,
  letters,
  macAddress,
  mixed,
  name,
  padded,
  real,
  withIdentityCheck,
  withLuhn,
} from "./made-up.ts";

export interface IdentifierClass {
  readonly id: string;
  /** What it is, for people. */
  readonly words: string;
  /** A value that no other draw gives. */
  readonly make: (next: Uniform) => Identifier["value"];
}

const NANOSECONDS_PER_S = 1_000_000_000;

/** A day between 1950 and 1999, as eight digits. */
const birthDay = (next: Uniform) =>
  `19${padded(next, 50, 99, 2)}${padded(next, 1, 12, 2)}${padded(next, 1, 28, 2)}`;

const uuid = (next: Uniform) =>
  `${hex(next, 8)}-${hex(next, 4)}-4${hex(next, 3)}-a${hex(next, 3)}-${hex(next, 12)}`;

/** Made-up values hold no long words, so that their pieces are found in no text by chance. */
const host = (next: Uniform) => `zq${letters(next, 7)}.org`;

export const IDENTIFIER_CLASSES: readonly IdentifierClass[] = [
  { id: "imei", words: "IMEI of a phone or modem", make: (n) => withLuhn(`86${digits(n, 12)}`) },
  { id: "imsi", words: "IMSI of a SIM", make: (n) => `46001${digits(n, 10)}` },
  { id: "android_id", words: "Android ID", make: (n) => hex(n, 16) },
  { id: "advertising_id", words: "advertising id (IDFA, OAID), UUID", make: uuid },
  { id: "open_udid", words: "OpenUDID", make: (n) => hex(n, 40) },
  { id: "mac", words: "MAC address", make: macAddress },
  { id: "bssid", words: "BSSID of a Wi-Fi", make: macAddress },
  {
    id: "ipv4",
    words: "IPv4 address",
    make: (n) =>
      `${padded(n, 171, 223, 1)}.${padded(n, 130, 250, 1)}.${padded(n, 130, 250, 1)}.${padded(n, 130, 250, 1)}`,
  },
  {
    id: "ipv6",
    words: "IPv6 address",
    make: (n) => `fd${hex(n, 2)}:${hex(n, 4)}:${hex(n, 4)}::${hex(n, 4)}:${hex(n, 4)}`,
  },
  { id: "ssid", words: "name of a Wi-Fi", make: (n) => `${name(n)}-${mixed(n, 6)}` },
  {
    id: "ssid_han",
    words: "name of a Wi-Fi in Chinese",
    make: (n) => `${han(n, 6)}的网${han(n, 2)}`,
  },
  { id: "psk", words: "password of a Wi-Fi", make: (n) => `${mixed(n, 10)}!${letters(n, 5)}` },
  {
    id: "robot_number",
    words: "number of a robot",
    make: (n) => `RBT-${mixed(n, 4)}-${digits(n, 7)}`,
  },
  { id: "sensor_serial", words: "serial number of a sensor", make: (n) => digits(n, 12) },
  { id: "token", words: "token, cookie", make: (n) => `eyJ${mixed(n, 24)}.${mixed(n, 12)}` },
  { id: "password", words: "password of an account", make: (n) => `${mixed(n, 8)}#${mixed(n, 4)}` },
  {
    id: "phone",
    words: "telephone number",
    make: (n) => `+861${padded(n, 30, 89, 2)}${digits(n, 8)}`,
  },
  {
    id: "email",
    words: "e-mail address",
    make: (n) => `${letters(n, 9)}.${letters(n, 6)}@${host(n)}`,
  },
  { id: "person", words: "name of a person", make: (n) => `${name(n)} ${name(n)}` },
  { id: "person_han", words: "name of a person in Chinese", make: (n) => han(n, 4) },
  {
    id: "nickname",
    words: "nickname, name of an account",
    make: (n) => `${letters(n, 7)}_${digits(n, 5)}`,
  },
  {
    id: "address",
    words: "postal address",
    make: (n) => `${name(n)}weg ${padded(n, 101, 899, 3)}, ${digits(n, 6)} ${name(n)}`,
  },
  {
    id: "address_han",
    words: "postal address in Chinese",
    make: (n) => `${han(n, 3)}省${han(n, 3)}市${han(n, 3)}路${padded(n, 101, 899, 3)}号`,
  },
  {
    id: "identity_number",
    words: "number of an identity card",
    make: (n) => withIdentityCheck(`${digits(n, 6)}${birthDay(n)}${digits(n, 3)}`),
  },
  {
    id: "birth",
    words: "date of birth and gender",
    make: (n) => `born ${birthDay(n)} ${letters(n, 6)}, f`,
  },
  { id: "latitude", words: "latitude", make: (n) => real(n, 20, 60, 9) },
  { id: "longitude", words: "longitude", make: (n) => real(n, 100, 140, 9) },
  { id: "altitude", words: "altitude above the sea", make: (n) => real(n, 300, 3000, 7) },
  {
    id: "region",
    words: "region that an address belongs to",
    make: (n) => `${name(n)} Qu ${digits(n, 6)}`,
  },
  {
    id: "carrier",
    words: "mobile network and its name",
    make: (n) => `${name(n)} Net ${digits(n, 6)}`,
  },
  {
    id: "user_agent",
    words: "user agent, language, model of a device",
    make: (n) => `${name(n)}Ph/${digits(n, 3)}.${mixed(n, 6)} (zh-${letters(n, 8)})`,
  },
  {
    id: "visit_time",
    words: "moment of a visit",
    make: (n) =>
      BigInt(Math.floor(real(n, 1.1e9, 1.5e9, 0))) * BigInt(NANOSECONDS_PER_S) +
      BigInt(digits(n, 9)),
  },
  {
    id: "app_list",
    words: "list of installed applications",
    make: (n) => `com.${letters(n, 8)}.${letters(n, 8)},cn.${letters(n, 9)}.${letters(n, 7)}`,
  },
  {
    id: "token_url",
    words: "address of a page with a token",
    make: (n) => `https://${host(n)}/${letters(n, 8)}?sid=${mixed(n, 16)}&u=${digits(n, 9)}`,
  },
  {
    id: "log_text",
    words: "line of a log or a crash",
    make: (n) =>
      `E/${name(n)}(${digits(n, 5)}): ${letters(n, 9)}Exc at ${letters(n, 8)}.kt:${digits(n, 4)}`,
  },
  { id: "user_id", words: "id of a user at a service", make: (n) => digits(n, 17) },
  {
    id: "conversation",
    words: "chat, record of a call",
    make: (n) => `${name(n)}: ${letters(n, 6)} ${letters(n, 9)} ${letters(n, 8)}?`,
  },
  { id: "voice", words: "recording of a voice", make: (n) => hex(n, 64) },
  { id: "photo", words: "picture of a camera, face, number plate", make: (n) => hex(n, 72) },
  {
    id: "whereabouts",
    words: "a place where the robot was, in its map",
    make: (n) => real(n, 400_000, 600_000, 6),
  },
  {
    id: "room",
    words: "name that people gave to a room",
    make: (n) => `${name(n)}s ${letters(n, 8)} room`,
  },
  { id: "room_han", words: "name of a room in Chinese", make: (n) => `${han(n, 5)}的房间` },
  { id: "house_plan", words: "id of a house map", make: (n) => `${hex(n, 16)}${hex(n, 16)}` },
  {
    id: "near_infrared",
    words: "value of a lidar beside the points",
    make: (n) => BigInt(digits(n, 14)),
  },
  {
    id: "file_data",
    words: "who made a file, where and by what",
    make: (n) => `/home/${letters(n, 9)}/${name(n)} ${digits(n, 4)}.${letters(n, 5)}`,
  },
  {
    id: "this_machine",
    words: "what this machine itself is known by",
    // Its own names are searched as well; this one stands for the next machine's.
    make: (n) => `host-${letters(n, 9)}`,
  },
];
