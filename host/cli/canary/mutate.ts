/**
 * `mapveil doctor --canary --mutate`: switches one rule after the other off, in a copy of this program,
 * and has the copy search itself. Each must be found out.
 */
import { spawn } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { cp, mkdtemp, readFile, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { type Change, changedText, isOfCore, type Mutation } from "../../canary/mutations.ts";
import { MapveilError } from "../../core/errors.ts";
import { packageRoot } from "../package-root.ts";

/** Copies that search at the same time. */
const PARALLEL = 2;
const EXIT_LEAK = 6;

/** What became of a rule. */
export interface Tried {
  readonly id: string;
  readonly words: string;
  /**
   * found: without it something leaks. blind: nothing is found without it. needless: something leaks
   * though the rule holds, only because others are careless. untried: there is no compiler here.
   * failed: the copy could not search.
   */
  readonly result: "found" | "blind" | "needless" | "untried" | "failed";
  readonly hits: number;
  /** Classes of what was found. */
  readonly classes: readonly string[];
}

interface Searched {
  /** Negative where it could not search. */
  readonly exit: number;
  readonly hits: number;
  readonly classes: readonly string[];
}

/** Where a copy of the program finds its libraries. */
function librariesOf(root: string): string {
  const own = join(root, "node_modules");
  return basename(dirname(root)) === "node_modules" && !existsSync(own) ? dirname(root) : own;
}

/** The compiler of the core, and its sources; undefined in an installed package. */
function compilerOf(root: string): string | undefined {
  const path = join(librariesOf(root), "assemblyscript/bin/asc.js");
  const needed = [path, join(root, "asconfig.json"), join(root, "assembly")];
  return needed.every((one) => existsSync(one)) ? path : undefined;
}

function run(argv: readonly string[], cwd: string): Promise<{ exit: number; out: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, argv, { cwd, stdio: ["ignore", "pipe", "ignore"] });
    let out = "";
    child.stdout.on("data", (chunk: Buffer) => {
      out += chunk.toString("utf8");
    });
    child.on("error", () => resolve({ exit: -1, out }));
    child.on("close", (code) => resolve({ exit: code ?? -1, out }));
  });
}

/** Applies a change to a file of a copy. Throws INTERNAL where it does not fit. */
async function apply(change: Change, path: string): Promise<void> {
  const changed = changedText(await readFile(path, "utf8"), change);
  if (changed === undefined) {
    const text = `The change of ${change.file} fits no line of it; the table of rules is out of date.`;
    throw new MapveilError("INTERNAL", text);
  }
  await writeFile(path, changed);
}

/** A copy of the program with changes, which searches a part of the way. */
async function searchWith(
  changes: readonly Change[],
  part: Mutation["part"],
  seed: number,
): Promise<Searched> {
  const root = packageRoot();
  const copy = await mkdtemp(join(tmpdir(), "mapveil-mutant-"));
  const remove = () => rmSync(copy, { recursive: true, force: true });
  process.once("exit", remove);
  try {
    await cp(join(root, "package.json"), join(copy, "package.json"));
    const isNeeded = (path: string) => !path.endsWith(".d.ts");
    await cp(join(root, "dist"), join(copy, "dist"), { recursive: true, filter: isNeeded });
    await symlink(librariesOf(root), join(copy, "node_modules"));
    for (const change of changes.filter((one) => !isOfCore(one))) {
      await apply(change, join(copy, "dist", change.file.replace(/\.ts$/, ".js")));
    }
    const core = changes.filter(isOfCore);
    if (core.length > 0) await compile(root, copy, core);
    const main = join(copy, "dist/host/cli/main.js");
    const argv = [main, "doctor", "--canary", "--only", part, "--seed", String(seed), "--json"];
    const { exit, out } = await run(argv, copy);
    // A search that failed for an input says nothing on stdout.
    const isReport = (exit === 0 || exit === EXIT_LEAK) && out.startsWith("{");
    if (!isReport) return { exit: -1, hits: 0, classes: [] };
    const { hits, byClass } = JSON.parse(out) as {
      hits: number;
      byClass: { class: string; hits: number }[];
    };
    return { exit, hits, classes: byClass.filter((one) => one.hits > 0).map((one) => one.class) };
  } finally {
    remove();
    process.off("exit", remove);
  }
}

/** Compiles both builds of the changed core, without optimisation: the rules are the same. */
async function compile(root: string, copy: string, changes: readonly Change[]): Promise<void> {
  for (const name of ["assembly", "asconfig.json"]) {
    await cp(join(root, name), join(copy, name), { recursive: true });
  }
  for (const change of changes) await apply(change, join(copy, change.file));
  for (const target of ["baseline", "simd"]) {
    const argv = ["assembly/wide.ts", "--target", target, "--optimizeLevel", "0"];
    const { exit } = await run([compilerOf(root)!, ...argv], copy);
    if (exit !== 0) throw new MapveilError("INTERNAL", "A changed core does not compile.");
  }
}

async function tryOne(mutation: Mutation, seed: number): Promise<Tried> {
  const { id, words, part, careless = [], off } = mutation;
  const of = (result: Tried["result"], { hits, classes }: Omit<Searched, "exit">): Tried => ({
    ...{ id, words, result, hits, classes },
  });
  const none = { hits: 0, classes: [] };
  const needsCompiler = [...careless, ...off].some(isOfCore);
  if (needsCompiler && compilerOf(packageRoot()) === undefined) return of("untried", none);
  const without = await searchWith([...careless, ...off], part, seed);
  if (without.exit < 0) return of("failed", none);
  if (without.hits === 0) return of("blind", without);
  if (careless.length === 0) return of("found", without);
  const within = await searchWith(careless, part, seed);
  if (within.exit < 0) return of("failed", none);
  return within.hits === 0 ? of("found", without) : of("needless", within);
}

/**
 * Tries every rule, two at a time.
 * @param tell hears of each that was tried
 * @throws MapveilError INTERNAL where a change does not fit
 */
export async function tryMutations(
  mutations: readonly Mutation[],
  seed: number,
  tell: (tried: Tried) => void,
): Promise<Tried[]> {
  const tried = new Map<string, Tried>();
  const waiting = [...mutations];
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const result = await tryOne(next, seed);
      tried.set(result.id, result);
      tell(result);
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, work));
  return mutations.map(({ id }) => tried.get(id)!);
}
