/**
 * The last look at a bundle before it is written: it must hold nothing that has the form of an identifier,
 * and none of the values that name this machine, its user and its robot.
 */
import { hostname, networkInterfaces, userInfo } from "node:os";
import type { Identifier } from "../../canary/identifier.ts";
import { namesOfMachine } from "../../canary/machine.ts";
import { LeakSearch } from "../../canary/search.ts";
import { redact } from "../../text/index.ts";
import type { Entry } from "./archive.ts";

/** Names that say nothing of whom: users that systems make, and what every host is called. */
const COMMON = new Set(
  "root mapveil node nobody daemon user robot ubuntu debian pi admin runner localhost".split(" "),
);
/** Shorter values are parts of words. */
const CHARACTERS_MIN = 4;

/** What names this machine and its user. */
export function machineValues(
  environment: Readonly<Record<string, string | undefined>>,
): Identifier[] {
  const addresses = Object.values(networkInterfaces())
    .flatMap((all) => all ?? [])
    .filter(({ internal }) => !internal)
    .map(({ address }) => ({ name: "address", value: address.replace(/%.*$/, "") }));
  const users = [ownName(), environment.USER, environment.SUDO_USER, environment.LOGNAME];
  return [
    ...namesOfMachine().map((value) => ({ name: "machine", value })),
    { name: "host name", value: hostname().split(".")[0]! },
    ...users.map((value) => ({ name: "user", value: value ?? "" })),
    ...addresses,
  ].filter(isTelling);
}

function ownName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container whose user has no name.
    return "";
  }
}

/** Whether a value could tell one from another at all. */
export function isTelling({ value }: Identifier): boolean {
  const text = String(value);
  if (text.length < CHARACTERS_MIN || COMMON.has(text.toLowerCase())) return false;
  return !COMMON.has(text.replace(/^\/+/, "").toLowerCase());
}

/** Every text of an entry: its lines, or the keys and values of the JSON that it is. */
function* textsOf({ name, data }: Entry): Generator<string> {
  const text = data.toString("utf8");
  if (name.endsWith(".json")) yield* stringsIn(JSON.parse(text));
  else {
    for (const line of text.split("\n").filter((one) => one !== "")) {
      if (name.endsWith(".jsonl")) yield* stringsIn(JSON.parse(line));
      else yield line;
    }
  }
}

function* stringsIn(value: unknown): Generator<string> {
  if (typeof value === "string") yield value;
  else if (typeof value === "object" && value !== null) {
    for (const [key, inner] of Object.entries(value)) {
      yield key;
      yield* stringsIn(inner);
    }
  }
}

/**
 * Where something was found that must not leave: names of entries and kinds, no values. Empty if the
 * bundle is clean.
 */
export function foundIn(entries: readonly Entry[], own: readonly Identifier[]): string[] {
  const lower = own.map(({ name, value }) => ({ name, value: String(value).toLowerCase() }));
  const search = new LeakSearch([...own, ...lower]);
  const found = new Set<string>();
  for (const entry of entries) {
    const inLower = Buffer.from(entry.data.toString("latin1").toLowerCase(), "latin1");
    for (const bytes of [entry.data, inLower]) {
      for (const { identifier } of search.search({ name: entry.name, bytes })) {
        found.add(`${entry.name}: ${identifier}`);
      }
    }
    for (const text of textsOf(entry)) {
      for (const { kind } of redact(text).found) found.add(`${entry.name}: ${kind}`);
    }
  }
  return [...found];
}
