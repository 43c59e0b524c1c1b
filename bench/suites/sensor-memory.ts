/** What a sensor's frames cost in memory, in a process that does nothing else. */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Frame } from "../../host/core/frame.ts";

const SCRIPT = fileURLToPath(new URL("./sensor-memory.mjs", import.meta.url));

export interface Memory {
  /** Largest resident size of the process, Node and the frame included. */
  readonly peakMiB: number;
  /** Part of the core's fixed 235 MiB that was ever touched; none where /proc does not tell. */
  readonly coreMiB?: number;
}

/** Starts the process, hands it a frame and reads what it says. */
export function memoryOf({ count, layout, data }: Frame): Memory {
  const input = data.subarray(0, count * layout.pointStep);
  const frame = JSON.stringify({ count, layout });
  return JSON.parse(execFileSync(process.execPath, [SCRIPT, frame], { input, encoding: "utf8" }));
}
