/** One thing that the proof looks at. */
import type { Tool } from "./tools.ts";

/** Where a check works. */
export interface Place {
  /** Empty at first, and removed behind it. */
  readonly folder: string;
  /** The C library that `npm run build:c` makes. */
  readonly library: string;
}

export interface Check {
  readonly name: string;
  /** What it needs beside Node. */
  readonly tools: readonly Tool[];
  /** Returns what it found, in a few words; throws where something is not as it must be. */
  run(place: Place): Promise<string>;
}
