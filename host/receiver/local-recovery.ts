/** Brings index and files of the local store together after a crash, or after damage. */
import { HEADER_BYTES } from "../../assembly/abi.ts";
import type { Clock } from "../core/clock.ts";
import type { Log } from "../telemetry/log.ts";
import type { LocalFiles } from "./local-files.ts";
import type { LocalIndex } from "./local-index.ts";
import type { Unfinished } from "./local-write.ts";
import type { StoredArtefact } from "./store.ts";

/**
 * Makes every record have its file and every file its record. Returns the writes that can be gone on
 * with; their bytes are durable then. Logs how much of what it had to put in order.
 */
export async function recoverFolder(
  index: LocalIndex,
  files: LocalFiles,
  clock: Clock,
  log: Log,
): Promise<Map<string, Unfinished>> {
  const { ids, foreign } = await files.list();
  const present = new Set(ids);
  const unfinished = new Map<string, Unfinished>();
  const lost: StoredArtefact[] = [];
  const broken: string[] = [];
  for (const { id, record } of index.records()) {
    if (record.state === "stored") {
      if (!present.delete(id)) lost.push(record.artefact);
    } else if (record.state === "unfinished") {
      const size = present.has(id) ? await files.syncedSize(id) : undefined;
      if (size === undefined || size < HEADER_BYTES) {
        broken.push(id);
        continue;
      }
      present.delete(id);
      const { state: _, idleMs, ...origin } = record;
      const bytes = { committedBytes: size, receivedBytes: size };
      const progressAtMs = clock.monotonicMs();
      const write = { id, origin, ...bytes, recorded: true, idleMs, progressAtMs, sync: undefined };
      unfinished.set(id, write);
    }
  }
  if (lost.length + broken.length > 0) {
    await index.change(() => {
      for (const artefact of lost) index.takeOff(artefact, "lost");
      for (const id of broken) index.forget(id);
    });
  }
  // Left over: files of deleted artefacts, of broken writes, and of writes that never got a record.
  for (const id of present) await files.remove(id);
  report(log, { lost: lost.length, broken: broken.length, leftover: present.size, foreign });
  return unfinished;
}

function report(log: Log, counts: Readonly<Record<string, number>>): void {
  const { lost = 0, broken = 0, leftover = 0, foreign = 0 } = counts;
  if (lost > 0) log.error("artefacts_lost", { artefacts: lost, reason: "FILE_MISSING" });
  if (broken > 0) log.warn("writes_discarded", { artefacts: broken, reason: "FILE_MISSING" });
  if (leftover > 0) log.info("files_removed", { count: leftover, reason: "RECORD_MISSING" });
  if (foreign > 0) log.warn("files_ignored", { count: foreign, reason: "NOT_AN_ARTEFACT" });
}
