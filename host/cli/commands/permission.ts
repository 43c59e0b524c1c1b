/** `mapveil permission`: what the owner allows, said yes or no to, and proven. */
import { randomUUID } from "node:crypto";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { type Command, InvalidArgumentError, Option } from "commander";
import type { SidecarClient } from "../../client/index.ts";
import { parseDuration } from "../../config/index.ts";
import { MapveilError } from "../../core/errors.ts";
import { writeFileAtomic } from "../../formats/index.ts";
import type { Permission } from "../../gen/mapveil/v1/permission_service_pb.ts";
import { Level, Use } from "../../gen/mapveil/v1/types_pb.ts";
import { LEVELLED_CLASSES } from "../../permission/index.ts";
import { bytes, plural, table } from "../format.ts";
import { type CliIo, pathIn, print } from "../io.ts";
import { exportLines, type Ledger, ledgerProblem, readLedger } from "../ledger-pages.ts";
import { checkOutput } from "../output-path.ts";
import {
  eventRow,
  explainText,
  idOf,
  listText,
  nameOf,
  permissionJson,
  robotFirst,
  stateText,
} from "../permission-text.ts";
import {
  addSidecarOptions,
  languageOption,
  type SidecarFlags,
  withSidecar,
} from "../sidecar-connection.ts";
import {
  classWord,
  LEVEL_WORDS,
  levelOf,
  PLATFORM_WORDS,
  PURPOSE_WORDS,
  platformOf,
  purposeOf,
} from "../words.ts";

const EXAMPLES = {
  list: `
The robot's own come first. What each is for, and what stops without it, is in --json and in:
  mapveil permission explain PERMISSION

Example:
  mapveil permission list --platform robot
`,
  explain: "\nExample:\n  mapveil permission explain robot-lidar-upload --lang zh\n",
  grant: `
A yes needs an act: at a terminal you type the permission's name, a program says it with --act.

Example:
  mapveil permission grant robot-lidar-local robot-lidar-upload --level frames
`,
  withdraw: `
Takes effect within one frame and destroys what was not uploaded yet. It needs no act and no reason.

Example:
  mapveil permission withdraw robot-lidar-upload
`,
  history: "\nExample:\n  mapveil permission history --verify --export ledger.jsonl\n",
} as const;

/** Who may change permissions; the owner's token before the guardian's. */
const DECIDERS = ["owner", "guardian"] as const;
const READERS = ["owner", "guardian", "monitor", "sensor"] as const;

interface Flags extends SidecarFlags {
  readonly json?: boolean;
}

interface GrantFlags extends Flags {
  readonly act?: string;
  readonly level?: string;
  readonly purpose?: string;
  readonly ttl?: number;
  readonly policyVersion?: string;
  readonly dryRun?: boolean;
}

interface HistoryFlags extends Flags {
  readonly export?: string;
  readonly force?: boolean;
  readonly verify?: boolean;
}

function ttl(text: string): number {
  const ms = parseDuration(text);
  if (ms !== null) return ms;
  throw new InvalidArgumentError("It must be a duration such as 12h or 30d.");
}

/** Adds the command and those below it. */
export function addPermission(program: Command, io: CliIo): void {
  const permission = program
    .command("permission")
    .summary("see, grant and withdraw what the owner allows")
    .description(
      "Shows, grants and withdraws the owner's permissions, and proves who decided what.",
    )
    .addHelpText("after", EXAMPLES.grant);
  const add = (usage: string, text: string, help: string) => {
    return addSidecarOptions(permission.command(usage))
      .description(text)
      .addOption(languageOption())
      .option("--json", "print the result as JSON")
      .addHelpText("after", help);
  };
  add("list", "Lists the permissions and whether they are on.", EXAMPLES.list)
    .addOption(new Option("--platform <name>", "those of one device").choices(PLATFORM_WORDS))
    .action(async (flags: Flags & { platform?: string }) => list(io, flags));
  add(
    "explain <permission>",
    "Says what needs a permission, and what stops without it.",
    EXAMPLES.explain,
  ).action(async (id: string, flags: Flags) => explain(io, id, flags));
  add("grant <permission...>", "Says yes to permissions.", EXAMPLES.grant)
    .addOption(new Option("--level <name>", "how much may leave").choices(LEVEL_WORDS))
    .addOption(new Option("--purpose <name>", "what for").choices(PURPOSE_WORDS))
    .option("--act <text>", "what the owner did to say yes")
    .option("--ttl <duration>", "how long it holds, such as 30d (default: until withdrawn)", ttl)
    .option("--policy-version <text>", "version of the privacy policy that the owner saw")
    .option("--dry-run", "check only, change nothing")
    .action(async (ids: string[], flags: GrantFlags) => grant(io, ids, flags));
  add("withdraw <permission...>", "Says no to permissions, at once.", EXAMPLES.withdraw)
    .option("--act <text>", "what the owner did to say no")
    .action(async (ids: string[], flags: Flags & { act?: string }) => withdraw(io, ids, flags));
  add("history", "Lists who decided what and when, with the proof.", EXAMPLES.history)
    .option("--export <file>", "write the entries as lines of JSON")
    .option("--force", "replace an existing file")
    .option("--verify", "check the chain of hashes and the signatures")
    .action(async (flags: HistoryFlags) => history(io, flags));
}

async function list(io: CliIo, flags: Flags & { platform?: string }): Promise<void> {
  const platform = flags.platform === undefined ? undefined : platformOf(flags.platform);
  const found = await withSidecar(io, flags, READERS, (sidecar) =>
    sidecar.listPermissions(platform),
  ).then(robotFirst);
  const data = { schema: 1, permissions: found.map(permissionJson) };
  print(io, flags.json, data, listText(found));
}

async function explain(io: CliIo, id: string, flags: Flags): Promise<void> {
  const found = await withSidecar(io, flags, READERS, (sidecar) =>
    sidecar.getPermission(nameOf(id)),
  );
  print(io, flags.json, { schema: 1, ...permissionJson(found) }, explainText(found));
}

/** What the owner did: said by the caller, or typed now at the terminal. */
async function actOf(io: CliIo, flags: GrantFlags, permission: Permission): Promise<string> {
  if (flags.act !== undefined) return flags.act;
  if (io.ask === undefined) {
    const text =
      "A grant needs the owner's act: say with --act TEXT what the owner did to say yes.";
    throw new MapveilError("USAGE", text, { field: "act" });
  }
  const id = idOf(permission.name);
  io.stderr.write(`${explainText(permission)}\n`);
  const typed = await io.ask(`To allow this, type the permission's name (${id}): `);
  if (typed.trim() === id) return `typed "${id}" at the terminal`;
  throw new MapveilError("REFUSED", `${id} stays as it was: its name was not typed.`);
}

/** Whether it is granted at a level; of several that are granted at once, `--level` is for these. */
const hasLevels = ({ dataClass, use }: Permission) =>
  use === Use.UPLOAD && (LEVELLED_CLASSES as readonly string[]).includes(classWord(dataClass));

async function grantOne(
  io: CliIo,
  sidecar: SidecarClient,
  id: string,
  isOnly: boolean,
  flags: GrantFlags,
): Promise<{ permission: Permission; epoch: string }> {
  const seen = await sidecar.getPermission(nameOf(id));
  const answer = await sidecar.grantPermission({
    name: seen.name,
    // What the owner saw is what is changed.
    etag: seen.etag,
    level: hasLevels(seen) || isOnly ? levelOf(flags.level) : Level.UNSPECIFIED,
    purpose: purposeOf(flags.purpose),
    affirmativeAct: await actOf(io, flags, seen),
    policyVersion: flags.policyVersion ?? "",
    requestId: randomUUID(),
    validateOnly: flags.dryRun === true,
    ...(flags.ttl !== undefined && {
      expiration: { case: "ttl" as const, value: durationFromMs(flags.ttl) },
    }),
  });
  return { permission: answer.permission ?? seen, epoch: String(answer.permissionEpoch) };
}

async function grant(io: CliIo, ids: string[], flags: GrantFlags): Promise<void> {
  await withSidecar(io, flags, DECIDERS, async (sidecar) => {
    for (const id of ids) {
      const { permission, epoch } = await grantOne(io, sidecar, id, ids.length === 1, flags);
      const done = flags.dryRun ? "could be granted" : `is ${stateText(permission)}`;
      const data = {
        schema: 1,
        dryRun: flags.dryRun === true,
        epoch,
        ...permissionJson(permission),
      };
      print(io, flags.json, data, `${idOf(permission.name)} ${done} (epoch ${epoch}).\n`);
    }
  });
}

async function withdraw(io: CliIo, ids: string[], flags: Flags & { act?: string }): Promise<void> {
  await withSidecar(io, flags, DECIDERS, async (sidecar) => {
    for (const id of ids) {
      const answer = await sidecar.withdrawPermission({
        name: nameOf(id),
        affirmativeAct: flags.act ?? "",
        requestId: randomUUID(),
      });
      const artefacts = Number(answer.destroyedArtefacts);
      const destroyed = { artefacts, bytes: Number(answer.destroyedBytes) };
      const epoch = String(answer.permissionEpoch);
      const text =
        `${idOf(id)} is off (epoch ${epoch}). ` +
        `${plural(artefacts, "artefact")} (${bytes(destroyed.bytes)}) waited and ${artefacts === 1 ? "is" : "are"} destroyed.\n`;
      print(io, flags.json, { schema: 1, permission: idOf(id), epoch, destroyed }, text);
    }
  });
}

async function writeExport(io: CliIo, ledger: Ledger, flags: HistoryFlags): Promise<void> {
  if (flags.export === undefined) return;
  const path = pathIn(io, flags.export);
  await checkOutput(path, [], flags.force);
  const text = exportLines(ledger).map((line) => `${line}\n`);
  await writeFileAtomic(path, Buffer.from(text.join(""), "utf8"), { mode: 0o600 });
}

async function history(io: CliIo, flags: HistoryFlags): Promise<void> {
  const [ledger, status] = await withSidecar(io, flags, READERS, async (sidecar) => {
    const found = await sidecar.status();
    return [await readLedger(sidecar), found] as const;
  });
  const { permissionEpoch: epoch } = status;
  const problem = flags.verify ? ledgerProblem(ledger, status) : undefined;
  if (problem !== undefined) {
    const text = `The ledger is not what the robot signed: ${problem} Keep a copy of the state folder.`;
    throw new MapveilError("INTEGRITY", text);
  }
  await writeExport(io, ledger, flags);
  const publicKey = Buffer.from(ledger.publicKey).toString("hex");
  const entries = exportLines(ledger).map((line) => JSON.parse(line) as object);
  const verified = flags.verify
    ? `Verified: ${plural(entries.length, "entry", "entries")}, signed by key ${publicKey || "-"}.\n`
    : "";
  const rows =
    ledger.events.length === 0 ? "No decision so far.\n" : table(ledger.events.map(eventRow));
  const data = {
    schema: 1,
    epoch: String(epoch),
    verified: flags.verify === true,
    publicKey,
    entries,
  };
  print(io, flags.json, data, rows + verified);
}
