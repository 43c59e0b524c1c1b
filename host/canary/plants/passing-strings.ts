/**
 * Strings under names that a policy lets pass, none of which may arrive as it is: values that are
 * redacted, texts that are too long or hold control characters, and second ones of a name.
 */
import type { MetadataField } from "../../core/frame.ts";
import type { Planter } from "../planter.ts";

/** Classes that are known wherever they stand in a text, in the words of somebody who names a place. */
const SENTENCES: readonly (readonly [string, string])[] = [
  ["phone", "call @ first"],
  ["email", "write to @ now"],
  ["imei", "modem @ in rack"],
  ["imsi", "SIM @ in rack"],
  ["mac", "node @ upstairs"],
  ["ipv4", "at @ upstairs"],
  ["ipv6", "at @ upstairs"],
  ["advertising_id", "id @"],
  ["open_udid", "id @"],
  ["identity_number", "owner @"],
  ["token", "token=@"],
  ["password", "password: @"],
  ["android_id", "android_id=@"],
  ["sensor_serial", "serial: @"],
  ["nickname", "user=@"],
];

const STRING_BYTES_MAX = 64;

/** One list for each frame, with one string or two of each name. */
export function refusedStrings(planter: Planter): MetadataField[][] {
  const carrier = "strings that a policy names";
  const redacted = SENTENCES.map(([id, sentence]): MetadataField[] => [
    { name: "label", value: sentence.replace("@", planter.text(id, carrier)) },
  ]);
  const long = planter.text("log_text", carrier).padStart(2 * STRING_BYTES_MAX, "x");
  const unruly = `${planter.text("room", carrier)}\t${planter.text("carrier", carrier)}`;
  const repeated = planter.text("room_han", carrier);
  return [
    ...redacted,
    [{ name: "topic", value: long }],
    [{ name: "frame_id", value: unruly }],
    [
      { name: "sensor_model", value: "fine" },
      { name: "sensor_model", value: repeated },
    ],
  ];
}
