/** Numbers of the wire contract as the words that commands read and print, both ways. */
import { type Timestamp, timestampMs } from "@bufbuild/protobuf/wkt";
import { DataClass, Level, Platform, Purpose, Reason, Use } from "../gen/mapveil/v1/types_pb.ts";

type Enum = Readonly<Record<string, string | number>>;

const word = (values: Enum, value: number) => String(values[value] ?? value).toLowerCase();

export const platformWord = (value: Platform) => word(Platform, value);
export const classWord = (value: DataClass) => word(DataClass, value);
export const useWord = (value: Use) => word(Use, value);
export const levelWord = (value: Level) => word(Level, value);
export const purposeWord = (value: Purpose) => word(Purpose, value);
/** Reasons stay in capitals: the same names are in metrics and logs. */
export const reasonWord = (value: Reason) => String(Reason[value] ?? value);

/** Names of an enum but for its unspecified value, in lower case. */
function wordsOf(values: Enum): string[] {
  return Object.entries(values)
    .filter(([, value]) => typeof value === "number" && value > 0)
    .map(([name]) => name.toLowerCase());
}

export const PLATFORM_WORDS = wordsOf(Platform);
export const LEVEL_WORDS = wordsOf(Level);
export const PURPOSE_WORDS = wordsOf(Purpose);

const numberOf = <T extends number>(values: Enum, name: string | undefined) =>
  (name === undefined ? 0 : values[name.toUpperCase()]) as T;

/** The numbers of words out of the lists above; the unspecified one without a word. */
export const platformOf = (name?: string) => numberOf<Platform>(Platform, name);
export const levelOf = (name?: string) => numberOf<Level>(Level, name);
export const purposeOf = (name?: string) => numberOf<Purpose>(Purpose, name);

/** A time as ISO 8601 in UTC, to the second. */
export function timeText(time: Timestamp): string {
  return isoTime(timestampMs(time));
}

/** Milliseconds since the Unix epoch as ISO 8601 in UTC, to the second. */
export function isoTime(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d{3}Z$/, "Z");
}
