/** Ctrl-C ends a run between two rounds: what was measured until then is reported. */
import { setImmediate as turn } from "node:timers/promises";

/** Thrown where a run stops because it was asked to. */
export class Interrupted extends Error {}

/** As shells tell that Ctrl-C ended a program. */
export const EXIT_INTERRUPTED = 130;

let asked = false;

/** From now on the first SIGINT or SIGTERM ends the run in good order, a second one at once. */
export function watchSignals(): void {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      asked = true;
      process.stderr.write("\nStopping; what is finished will be reported.\n");
      // An exit, not the signal's own end: what must not outlive the process is then removed.
      process.once(signal, () => process.exit(EXIT_INTERRUPTED));
    });
  }
}

/**
 * Lets signals come through, which a loop without waiting would never see.
 * @throws Interrupted if the run was asked to stop
 */
export async function checkInterrupt(): Promise<void> {
  await turn();
  if (asked) throw new Interrupted("the run was stopped");
}
