import type { Command } from "commander";
import type { CliIo } from "../io.ts";
export function addStart(program: Command, io: CliIo): void {
  program.command("start").action(() => {
    io.stdout.write("");
  });
}
