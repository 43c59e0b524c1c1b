/** What the commands of both services share: run, validate, init and schema. */
import { type Command, InvalidArgumentError } from "commander";
import type { z } from "zod";
import { type ConfigSources, jsonSchema, type ServiceKind } from "../config/index.ts";
import { MapveilError } from "../core/errors.ts";
import { writeFileAtomic } from "../formats/index.ts";
import { type CliIo, pathIn, print } from "./io.ts";
import { checkOutput } from "./output-path.ts";
import { runService, type ServiceConfig, type ServiceParts } from "./run-service.ts";

interface ConfigOptions {
  readonly config?: string;
  readonly set?: readonly string[];
}

interface ValidateOptions extends ConfigOptions {
  readonly json?: boolean;
}

interface InitOptions {
  readonly output?: string;
  readonly force?: boolean;
}

/** One service of the command line. */
interface ServiceCommand<C extends ServiceConfig<C>> {
  /** "sidecar", for `mapveil sidecar`. */
  readonly name: string;
  readonly summary: string;
  readonly kind: ServiceKind<z.ZodType>;
  readonly starter: string;
  readonly load: (path: string, sources: ConfigSources) => Promise<C>;
  readonly start: ServiceParts<C>["start"];
  readonly folderOf: ServiceParts<C>["folderOf"];
  /** What `validate` looks at beyond the file: a sentence for each thing that is sound. */
  readonly check: (config: C) => Promise<readonly string[]>;
}

/** Collects the values of an option that may be repeated. */
function collect(value: string, previous: readonly string[] = []): string[] {
  if (!value.includes("=")) throw new InvalidArgumentError("Write it as key=value.");
  return [...previous, value];
}

/** Adds the options that name a file of settings, and values to lay over it. */
function addConfigOptions(command: Command, prefix: string): Command {
  return command
    .option("-c, --config <file>", `settings (YAML); default: the variable ${prefix}CONFIG`)
    .option("--set <key=value>", "lay a value over the file, such as log.level=debug", collect);
}

/** The path of the settings, from the option or the variable. Throws USAGE without either. */
function configPath(io: CliIo, options: ConfigOptions, prefix: string): string {
  const path = options.config ?? io.environment[`${prefix}CONFIG`];
  if (path) return pathIn(io, path);
  throw new MapveilError("USAGE", `Name the settings: --config FILE, or ${prefix}CONFIG.`);
}

/** What lies over the file. */
function sourcesOf(io: CliIo, options: ConfigOptions): ConfigSources {
  return { environment: io.environment, settings: options.set ?? [] };
}

function describe(name: string, prefix: string) {
  const examples = (text: string) => `\nExample:\n  mapveil ${name} ${text}\n`;
  return {
    run: `
Runs in the foreground and logs JSON lines to stdout. SIGTERM or SIGINT stop it within stop_timeout,
a second one at once. SIGHUP reads the settings again; if they are wrong, the old ones stay.
Variables such as ${prefix}LOG_LEVEL lie over the file, --set over both.
${examples(`--config ${name}.yaml`)}`,
    validate: examples(`validate --config ${name}.yaml`),
    init: examples(`init -o ${name}.yaml`),
    schema: examples(`schema > ${name}.schema.json`),
  };
}

async function init(io: CliIo, name: string, starter: string, options: InitOptions): Promise<void> {
  if (options.output === undefined) {
    io.stdout.write(starter);
    return;
  }
  const output = pathIn(io, options.output);
  await checkOutput(output, [], options.force);
  await writeFileAtomic(output, Buffer.from(starter, "utf8"), { mode: 0o600 });
  io.stderr.write(
    `Wrote ${options.output}. Next: mapveil ${name} validate --config ${options.output}\n`,
  );
}

/** Adds `mapveil NAME` with what is below it. */
export function addService<C extends ServiceConfig<C>>(
  program: Command,
  io: CliIo,
  finish: (exit: number) => void,
  service: ServiceCommand<C>,
): void {
  const { name, kind } = service;
  const help = describe(name, kind.prefix);
  const load = (options: ConfigOptions) => () =>
    service.load(configPath(io, options, kind.prefix), sourcesOf(io, options));
  const command = program.command(name).summary(service.summary);
  addConfigOptions(command, kind.prefix)
    .description(`Runs the ${name}: ${service.summary}.`)
    .addHelpText("after", help.run)
    .action(async (options: ConfigOptions) => {
      finish(
        await runService(io, {
          load: load(options),
          start: service.start,
          folderOf: service.folderOf,
        }),
      );
    });
  addConfigOptions(command.command("validate"), kind.prefix)
    .description(`Checks the settings of a ${name} and the files that they name.`)
    .option("--json", "print the result as JSON")
    .addHelpText("after", help.validate)
    .action(async (options: ValidateOptions) => {
      const config = await load(options)();
      const sound = await service.check(config);
      const file = options.config ?? io.environment[`${kind.prefix}CONFIG`];
      const text = [`${file} is sound.`, ...sound].map((line) => `${line}\n`).join("");
      print(io, options.json, { schema: 1, file, sound }, text);
    });
  command
    .command("init")
    .description(`Prints starter settings of a ${name}: every key, explained, at its default.`)
    .option("-o, --output <file>", "write them to a file instead")
    .option("--force", "replace an existing output")
    .addHelpText("after", help.init)
    .action(async (options: InitOptions) => init(io, name, service.starter, options));
  command
    .command("schema")
    .description("Prints the JSON Schema of the settings, for editors and CI.")
    .addHelpText("after", help.schema)
    .action(() => {
      const schema = jsonSchema(`Mapveil ${name}`, kind.schema);
      io.stdout.write(`${JSON.stringify(schema, null, 2)}\n`);
    });
}
