/** `mapveil policy`: the starter file, the check, the plain words, the schema, terms for firmware. */
import type { Command } from "commander";
import { writeFileAtomic } from "../../formats/index.ts";
import { keyIdText, readPublicKey, recipientKeyId } from "../../keys/index.ts";
import {
  compilePolicy,
  DEFAULT_POLICY_YAML,
  explainPolicy,
  explainPolicyJson,
  loadPolicy,
  policySchemaJson,
} from "../../policy/index.ts";
import { robotTerms } from "../../veil/robot-terms.ts";
import { policyOf } from "../input.ts";
import { type CliIo, pathIn, print } from "../io.ts";
import { checkOutput } from "../output-path.ts";

const EXAMPLES = {
  init: "\nExample:\n  mapveil policy init -o policy.yaml\n",
  check: "\nExample:\n  mapveil policy check policy.yaml && echo fine\n",
  explain: "\nExample:\n  mapveil policy explain policy.yaml\n",
  schema: "\nExample:\n  mapveil policy schema > policy.schema.json\n",
  compile: "\nExample:\n  mapveil policy compile policy.yaml -o robot.terms --to home.key.pub\n",
} as const;

interface InitOptions {
  readonly output?: string;
  readonly force?: boolean;
}

interface JsonOption {
  readonly json?: boolean;
}

interface CompileOptions extends InitOptions {
  readonly output: string;
  readonly to: string;
}

/** Adds the command and those below it. */
export function addPolicy(program: Command, io: CliIo): void {
  const policy = program
    .command("policy")
    .summary("start, check and explain what may leave")
    .description("Starts, checks and explains policies: the files that say what may leave.")
    .addHelpText("after", EXAMPLES.init);
  policy
    .command("init")
    .description("Prints a starter policy: every key, explained, at its default.")
    .option("-o, --output <file>", "write it to a file instead")
    .option("--force", "replace an existing output")
    .addHelpText("after", EXAMPLES.init)
    .action(async (options: InitOptions) => init(io, options));
  policy
    .command("check")
    .description("Checks a policy; every fault is named with its line.")
    .argument("<file>", "policy (YAML)")
    .option("--json", "print the result as JSON")
    .addHelpText("after", EXAMPLES.check)
    .action(async (file: string, options: JsonOption) => check(io, file, options));
  policy
    .command("explain")
    .description("Says in plain words what a policy lets leave, and what it never does.")
    .argument("[file]", "policy (YAML); default: the built-in policy")
    .option("--json", "print the explanation as JSON")
    .addHelpText("after", EXAMPLES.explain)
    .action(async (file: string | undefined, options: JsonOption) => {
      const found = await policyOf(io, file);
      print(io, options.json, explainPolicyJson(found), explainPolicy(found));
    });
  policy
    .command("schema")
    .description("Prints the JSON Schema of policies, for editors and CI.")
    .addHelpText("after", EXAMPLES.schema)
    .action(() => {
      io.stdout.write(`${JSON.stringify(policySchemaJson(), null, 2)}\n`);
    });
  policy
    .command("compile")
    .description("Writes policy and recipient as the bytes that firmware with the C library reads.")
    .argument("<file>", "policy (YAML)")
    .requiredOption("-o, --output <file>", "terms to write")
    .requiredOption("--to <key>", "recipient: a .pub file, or the text of a public key")
    .option("--force", "replace an existing output")
    .addHelpText("after", EXAMPLES.compile)
    .action(async (file: string, options: CompileOptions) => compile(io, file, options));
}

async function compile(io: CliIo, file: string, options: CompileOptions): Promise<void> {
  const output = pathIn(io, options.output);
  const keyPath = options.to.includes(":") ? undefined : pathIn(io, options.to);
  await checkOutput(output, [pathIn(io, file), keyPath], options.force);
  const recipient = await readPublicKey(keyPath ?? options.to);
  const policy = await loadPolicy(pathIn(io, file));
  await writeFileAtomic(output, robotTerms(policy, recipient));
  const id = keyIdText(recipientKeyId(recipient));
  io.stderr.write(`Wrote ${options.output}: level ${policy.level}, for key ${id}.\n`);
}

async function init(io: CliIo, options: InitOptions): Promise<void> {
  if (options.output === undefined) {
    io.stdout.write(DEFAULT_POLICY_YAML);
    return;
  }
  const output = pathIn(io, options.output);
  await checkOutput(output, [], options.force);
  await writeFileAtomic(output, Buffer.from(DEFAULT_POLICY_YAML, "utf8"));
  io.stderr.write(`Wrote ${options.output}. Next: mapveil policy explain ${options.output}\n`);
}

async function check(io: CliIo, file: string, options: JsonOption): Promise<void> {
  const policy = await loadPolicy(pathIn(io, file));
  const { level, digest, kept } = compilePolicy(policy);
  const data = { schema: 1, file, level, digest: Buffer.from(digest).toString("hex"), kept };
  print(io, options.json, data, `${file} is a sound policy, level ${level}.\n`);
}
