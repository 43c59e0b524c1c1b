/** From anything that was thrown to one line on stderr and an exit code. */
import { CommanderError } from "commander";
import { type ErrorCode, type ErrorDetails, EXIT_CODES, MapveilError } from "../core/errors.ts";
import { RpcError, toMapveilError } from "../rpc/index.ts";
import type { CliIo } from "./io.ts";
import { crashSentence } from "./process-guard.ts";

/** What `mapveil --help` says about exit codes. */
export const EXIT_CODE_HELP = `
Exit codes:
  0    done
  1    failed: a file cannot be read or written, or a defect of Mapveil
  2    wrong use: an unknown command or option, an output that exists
  3    partial: some frames could not be processed (--partial, push), warnings (doctor --strict)
  4    refused: the owner's permissions or the policy do not let this pass
  5    not possible at present, try again: the other side cannot be reached or is busy
  6    damaged: the input is not what it says, the artefact was changed or the key is not its key
  7    no room: the disk is full, or a frame is larger than this build is sized for
  78   configuration: settings, a policy or a key file have a wrong content
  130  interrupted (SIGINT); 143 terminated (SIGTERM). Nothing unfinished is left behind.
`;

/** The error as `--json` prints it. */
interface ErrorReport {
  readonly schema: 1;
  readonly error: {
    readonly code: ErrorCode;
    readonly exit: number;
    readonly message: string;
  } & ErrorDetails;
}

/** Prints the error and returns the exit code. Help and version are no errors. */
export function reportError(io: CliIo, asJson: boolean, error: unknown): number {
  if (error instanceof CommanderError && error.exitCode === 0) return 0;
  // Help without a command was printed already.
  if (error instanceof CommanderError && error.code === "commander.help") return EXIT_CODES.USAGE;
  const known = asMapveilError(error);
  const exit = EXIT_CODES[known.code];
  const report: ErrorReport = {
    schema: 1,
    error: { code: known.code, exit, message: known.message, ...known.details },
  };
  io.stderr.write(asJson ? `${JSON.stringify(report)}\n` : `mapveil: ${known.message}\n`);
  return exit;
}

/** A name of the system's own; an error that was made elsewhere may have anything in its place. */
const wordOf = (text: unknown) => (/^[A-Za-z]\w{0,24}$/.test(String(text)) ? String(text) : "-");

function asMapveilError(error: unknown): MapveilError {
  if (error instanceof MapveilError) return error;
  if (error instanceof RpcError) return toMapveilError(error);
  if (error instanceof CommanderError) {
    const text = error.message
      .replace(/^error: /, "")
      .replace(/\n/g, " ")
      .replace(/\.?$/, ".");
    return new MapveilError("USAGE", `${text} See mapveil --help.`);
  }
  const { syscall, code } = error as NodeJS.ErrnoException;
  if (syscall !== undefined) {
    const text = `The system refused a call (${wordOf(syscall)}, ${wordOf(code)}); check the paths.`;
    return new MapveilError("IO", text, {}, error);
  }
  return new MapveilError("INTERNAL", crashSentence(error), {}, error);
}
