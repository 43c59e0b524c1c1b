/** What a command prints, run in this process. */
import { PassThrough } from "node:stream";
import type { CliIo } from "../io.ts";

/** Runs `mapveil` with these arguments in this process. */
export type RunCommand = (argv: readonly string[], io: CliIo) => Promise<number>;

/** Everything that a command writes to stdout and stderr. */
export async function printed(
  run: RunCommand,
  argv: readonly string[],
  { cwd, environment }: Pick<CliIo, "cwd" | "environment">,
): Promise<string> {
  let text = "";
  const keep = {
    write: (more: string) => {
      text += more;
    },
  };
  await run(argv, {
    stdout: keep,
    stderr: keep,
    cwd,
    isTTY: false,
    environment,
    host: { log: new PassThrough(), takeSignals: () => () => {}, exit: () => {} },
  });
  return text;
}
