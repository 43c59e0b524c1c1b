/** A file that was written for a search, with planted values in it. */
import type { Planter } from "../planter.ts";

export interface PlantedFile {
  /** Planted itself. */
  readonly name: string;
  readonly bytes: Uint8Array;
  /** What commands take it for; broken ones are refused by all. */
  readonly kind: "scans" | "plan" | "broken" | "beside";
}

/** Characters that a file name may have everywhere, and that no shell or list takes for more. */
const UNSAFE = /[^\p{L}\p{N}.,#_@+=-]+/gu;
const NAME_BYTES_MAX = 120;

/** A planted name with this ending: of the next class whose values can be one. */
export function plantedName(planter: Planter, ending: string): string {
  for (;;) {
    const text = planter.next("names of files");
    const safe = !UNSAFE.test(text) && Buffer.byteLength(text) <= NAME_BYTES_MAX;
    UNSAFE.lastIndex = 0;
    if (safe && !text.startsWith("-") && !text.startsWith(".")) return `${text}${ending}`;
  }
}

/** Texts on one line each: what a header of text lines can hold. */
export function oneLine(text: string): boolean {
  return !/[\r\n\0]/.test(text);
}
