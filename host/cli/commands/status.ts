/** `mapveil status`: how the sidecar does, on one screen. */
import type { Command } from "commander";
import type { SidecarClient } from "../../client/index.ts";
import { systemClock } from "../../core/clock.ts";
import { type CliIo, print } from "../io.ts";
import { addSidecarOptions, type SidecarFlags, withSidecar } from "../sidecar-connection.ts";
import { statusJson, statusText } from "../status-text.ts";

const EXAMPLE = `
Captured is always uploaded + spooled + refused + evicted + mapped: nothing is lost without a reason.

Examples:
  mapveil status --config sidecar.yaml
  mapveil status --json | jq .accounting
`;

const WATCH_INTERVAL_MS = 1000;
/** Clears the terminal. */
const CLEAR = "\x1b[2J\x1b[H";

interface Flags extends SidecarFlags {
  readonly json?: boolean;
  readonly watch?: boolean;
}

/** Adds the command. */
export function addStatus(program: Command, io: CliIo): void {
  addSidecarOptions(program.command("status").summary("see how the sidecar does"))
    .description("Shows what became of every frame, what waits, the link, and what is allowed.")
    .option("--watch", "show it again every second, until interrupted")
    .option("--json", "print it as JSON, with --watch a line each time")
    .addHelpText("after", EXAMPLE)
    .action(async (flags: Flags) => {
      await withSidecar(io, flags, ["monitor", "owner", "guardian", "sensor"], async (sidecar) => {
        await show(io, flags, sidecar);
        while (flags.watch) {
          await systemClock.sleep(WATCH_INTERVAL_MS);
          await show(io, flags, sidecar);
        }
      });
    });
}

async function show(io: CliIo, flags: Flags, sidecar: SidecarClient): Promise<void> {
  const [status, permissions] = await Promise.all([sidecar.status(), sidecar.listPermissions()]);
  const on = permissions.filter(({ granted }) => granted);
  const clear = flags.watch && io.isTTY ? CLEAR : "";
  print(io, flags.json, statusJson(status, on), clear + statusText(status, on));
}
