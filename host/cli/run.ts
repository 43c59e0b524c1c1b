/** The `mapveil` command as a function: parses, runs one command, turns errors into exit codes. */
import { Command } from "commander";
import { EXIT_CODE_HELP, reportError } from "./command-error.ts";
import { addArtefact } from "./commands/artefact.ts";
import { addAttack } from "./commands/attack.ts";
import { addBench } from "./commands/bench.ts";
import { addCertificates } from "./commands/certificates.ts";
import { addDoctor } from "./commands/doctor.ts";
import { addInspect } from "./commands/inspect.ts";
import { addKeygen } from "./commands/keygen.ts";
import { addMap } from "./commands/map.ts";
import { addOpen } from "./commands/open.ts";
import { addPermission } from "./commands/permission.ts";
import { addPolicy } from "./commands/policy.ts";
import { addPreview } from "./commands/preview.ts";
import { addPush } from "./commands/push.ts";
import { addReceiver } from "./commands/receiver.ts";
import { addRedact } from "./commands/redact.ts";
import { addSanitize } from "./commands/sanitize.ts";
import { addSidecar } from "./commands/sidecar.ts";
import { addStart } from "./commands/start.ts";
import { addStatus } from "./commands/status.ts";
import { addSupportBundle } from "./commands/support-bundle.ts";
import { addUploads } from "./commands/uploads.ts";
import type { CliIo } from "./io.ts";
import { packageVersion } from "./package-root.ts";
import { removeUnfinished } from "./unfinished.ts";

/** Adds one command; its action hands its exit code to `finish`. */
export type AddCommand = (program: Command, io: CliIo, finish: (exit: number) => void) => void;

const COMMANDS: readonly AddCommand[] = [
  addKeygen,
  addSanitize,
  addMap,
  addOpen,
  addInspect,
  addPreview,
  addPolicy,
  addSidecar,
  addPermission,
  addStatus,
  addUploads,
  addPush,
  addAttack,
  addDoctor,
  addSupportBundle,
  addRedact,
  addReceiver,
  addArtefact,
  addCertificates,
  addStart,
  addBench,
];

/**
 * Runs `mapveil` with the arguments behind its name; never throws and never ends the process.
 * @returns the exit code
 */
export async function runCli(argv: readonly string[], io: CliIo): Promise<number> {
  let exit = 0;
  const program = new Command("mapveil")
    .description("Turns lidar frames into sealed, sanitised maps before anything leaves the robot.")
    .version(packageVersion())
    .addHelpText("after", EXIT_CODE_HELP)
    .showSuggestionAfterError()
    // What stands behind "sidecar validate" is for it and not for "sidecar".
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      // Errors are printed in one place, below.
      outputError: () => {},
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    });
  for (const add of COMMANDS) {
    add(program, io, (code) => {
      exit = code;
    });
  }
  try {
    await program.parseAsync(argv, { from: "user" });
    return exit;
  } catch (error) {
    removeUnfinished();
    return reportError(io, argv.includes("--json"), error);
  }
}
