/** `mapveil doctor`: whether everything is as it should be, and what to do where it is not. */
import { type Command, Option } from "commander";
import { EXIT_CODES, MapveilError } from "../../core/errors.ts";
import { type CanaryFlags, doctorCanary } from "../canary/doctor-canary.ts";
import { CANARY_PARTS } from "../canary/run-canary.ts";
import { examine } from "../doctor-findings.ts";
import { table } from "../format.ts";
import { positiveInteger } from "../input.ts";
import { type CliIo, print } from "../io.ts";
import { addSidecarOptions, type SidecarFlags, sidecarConfigPath } from "../sidecar-connection.ts";

const EXAMPLE = `
Without settings it looks at the machine only. Exit code 0 if nothing failed, 1 if something did, and
with --strict 3 if there are warnings.

--canary plants made-up identifiers of every kind wherever a robot, a file or a client can put one,
goes the whole way in a folder of its own, under the policy of the settings if they are named, and
searches everything that left, was stored, logged or printed. Exit code 6 if any is found. With
--mutate it does so in copies of this program, each without one of the rules that keep something back:
exit code 6 if nothing is found without one, 3 if the core cannot be compiled here.

Examples:
  mapveil doctor --config sidecar.yaml
  mapveil doctor --canary
`;

interface Flags extends SidecarFlags, CanaryFlags {
  readonly strict?: boolean;
  readonly canary?: boolean;
}

/** Adds the command. */
export function addDoctor(program: Command, io: CliIo, finish: (exit: number) => void): void {
  addSidecarOptions(program.command("doctor").summary("check that everything is as it should be"))
    .description("Checks machine, settings, certificates, sidecar and ledger, and says what to do.")
    .option("--strict", "exit with 3 if there are warnings")
    .option("--canary", "plant identifiers, and search everything that leaves for them")
    .option("--mutate", "with --canary: switch each rule off in a copy, which must be found out")
    .option("--seed <number>", "other identifiers than those of the seed 1", positiveInteger)
    .addOption(new Option("--only <part>", "one part of the way").choices([...CANARY_PARTS]))
    .option("--json", "print the findings as JSON")
    .addHelpText("after", EXAMPLE)
    .action(async (flags: Flags) => {
      const examineAll = () => doctor(io, flags);
      const plant = () => doctorCanary(io, flags, sidecarConfigPath(io, flags));
      if (!flags.canary) mustBeCanary(flags);
      finish(await (flags.canary ? plant() : examineAll()));
    });
}

/** Whoever asks how the canary goes and forgets it must not take the answer for the canary's. */
function mustBeCanary({ mutate, seed, only }: Flags): void {
  const given = Object.entries({ mutate, seed, only }).find(([, value]) => value !== undefined);
  if (given === undefined) return;
  throw new MapveilError("USAGE", `--${given[0]} belongs to --canary; give that as well.`);
}

const MARKS = { ok: "ok", warning: "WARN", failure: "FAIL" } as const;

async function doctor(io: CliIo, flags: Flags): Promise<number> {
  const findings = await examine(io, flags);
  const text = table(
    findings.map(({ check, result, found, advice }) => [
      `${MARKS[result].padEnd(4)} ${check}`,
      advice === undefined ? found : `${found.replace(/\.$/, "")}. ${advice}`,
    ]),
  );
  const results = new Set(findings.map(({ result }) => result));
  const exit = results.has("failure")
    ? 1
    : flags.strict && results.has("warning")
      ? EXIT_CODES.PARTIAL
      : 0;
  print(io, flags.json, { schema: 1, healthy: exit === 0, findings }, text);
  return exit;
}
