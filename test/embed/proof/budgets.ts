/**
 * `npx tsx test/embed/proof/budgets.ts`: what the C library may cost. Against C written by hand on every
 * operation; the published costs of calls, and the worst frames that were found; the overhead of a call;
 * the stack. Counted in instructions, by callgrind on x86-64 and by qemu's clock on a Cortex-M7.
 *
 *   --json            one JSON object instead of the table
 *   --update          takes what is measured for the published costs, those of wide too, which takes
 *                     minutes: baseline.json, docs/embedding-costs.md
 *   --search ROUNDS   looks for worse frames first, so many generations a call, and publishes them
 *
 * Build first: npm run build && npm run build:profiles.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { buildLibrary, PROFILES, type Profile } from "../../../host/embed/tools/build-c.ts";
import { costRows, type Measured, measureCosts } from "./budgets/costs.ts";
import { buildMeter, type Meter, SUBJECTS, type Subject, type Target } from "./budgets/meter.ts";
import { measureOverhead } from "./budgets/overhead.ts";
import { COSTS_PAGE, costsPage } from "./budgets/page.ts";
import { measureRatios, ratioMax } from "./budgets/ratios.ts";
import { limitsOf, type Scenario } from "./budgets/scenario.ts";
import { findWorst } from "./budgets/search.ts";
import type { Check } from "./check.ts";
import { run } from "./run-command.ts";
import { missingPackages, type Tool } from "./tools.ts";

/** What is measured where: the smallest profile on the smallest machine, the usual one on x86-64. */
const MEASURED: readonly { profile: Profile; target: Target }[] = [
  { profile: "micro", target: "cortex-m7" },
  { profile: "standard", target: "x86-64" },
];

const TOOLS: readonly Tool[] = [
  "gcc",
  "valgrind",
  "/usr/include/stdio.h",
  "arm-none-eabi-gcc",
  "/usr/lib/arm-none-eabi/newlib/nano.specs",
  "qemu-system-arm",
];

/** What a published cost may grow by. */
const GROWTH_MAX = 1.03;
/** What the guard of a call may cost more than a plain call; nanoseconds are told, not held. */
const OVERHEAD_INSTRUCTIONS_MAX = 40;

const BASELINE = fileURLToPath(new URL("budgets/baseline.json", import.meta.url));
const HEADER = fileURLToPath(new URL("../../../host/embed/include/mapveil.h", import.meta.url));

export interface Published extends Measured {
  readonly target: Target;
  /** Of each call whose cost depends on the frame: the worst frame that was found. */
  readonly worst: Readonly<Record<string, Scenario>>;
}

export interface Baseline {
  /** Counts of other compilers are not comparable. */
  readonly compilers: Readonly<Record<Target, string>>;
  readonly profiles: Readonly<Partial<Record<Profile, Published>>>;
}

export interface Row {
  readonly name: string;
  readonly value: number;
  /** Undefined where it is told and not held. */
  readonly limit?: number;
  readonly ok: boolean;
}

const row = (name: string, value: number, limit?: number): Row => ({
  name,
  value,
  ...(limit === undefined ? {} : { limit }),
  ok: limit === undefined || value <= limit,
});

async function compilerVersions(): Promise<Baseline["compilers"]> {
  const version = async (gcc: string) => (await run(gcc, ["-dumpfullversion"])).trim();
  return { "x86-64": await version("gcc"), "cortex-m7": await version("arm-none-eabi-gcc") };
}

/**
 * The costs of wide, as the costliest frames of standard have them when they are as much larger as wide
 * is. That takes minutes: it is done for what is published, and not looked for nor held besides.
 */
async function measureWide(
  library: string,
  folder: string,
  standard: Published["worst"],
): Promise<Published> {
  const larger = limitsOf("wide").MAX_SLOTS / limitsOf("standard").MAX_SLOTS;
  const worst = Object.fromEntries(
    Object.entries(standard).map(([name, one]) => [name, { ...one, lead: one.lead * larger }]),
  );
  const meters = await buildMeters("x86-64", "wide", library, folder);
  const measured = await measureCosts(meters.checked, meters.unchecked, "wide", worst);
  return { target: "x86-64", ...measured, worst };
}

type Meters = Readonly<Record<Subject, Meter>>;

async function buildMeters(
  target: Target,
  profile: Profile,
  library: string,
  folder: string,
  program?: string,
): Promise<Meters> {
  const meters: Partial<Record<Subject, Meter>> = {};
  for (const subject of SUBJECTS) {
    const place = join(folder, `${profile}-${subject}-${program ?? "meter"}`);
    meters[subject] = await buildMeter({ target, profile, subject }, library, place, program);
  }
  return meters as Meters;
}

async function ratioRows(meters: Meters, profile: Profile): Promise<Row[]> {
  const ratios = await measureRatios(meters, profile);
  return ratios.flatMap((ratio) =>
    (["checked", "unchecked"] as const).map((build) =>
      row(
        `${profile}, ${ratio.frame}: ${ratio.call}, ${build}, to C written by hand`,
        ratio[build] / ratio.native,
        ratioMax(profile, ratio.call, build),
      ),
    ),
  );
}

function costRowsOf(profile: Profile, now: Measured, was: Published, comparable: boolean): Row[] {
  return Object.entries(now.costs).flatMap(([name, cost]) =>
    (["real", "checked", "unchecked"] as const).map((kind) => {
      const limit = comparable ? (was.costs[name]?.[kind] ?? 0) * GROWTH_MAX : undefined;
      return row(`${profile}: ${name}, ${kind}`, cost[kind], limit);
    }),
  );
}

function stackRow(profile: Profile, { stackBytes }: Measured): Row[] {
  if (stackBytes === 0) return [];
  const stated = Number(/MAPVEIL_STACK_BYTES (\d+)u/.exec(readFileSync(HEADER, "utf8"))?.[1]);
  return [row(`${profile}: deepest stack, bytes`, stackBytes, stated)];
}

async function overheadRows(library: string, folder: string): Promise<Row[]> {
  const meters = await buildMeters("x86-64", "standard", library, folder, "overhead.c");
  const plain = await measureOverhead(meters.native);
  const rows: Row[] = [];
  for (const subject of ["checked", "unchecked"] as const) {
    const guarded = await measureOverhead(meters[subject]);
    const more = guarded.instructions - plain.instructions;
    rows.push(
      row(`a call, ${subject}: instructions beside it`, more, OVERHEAD_INSTRUCTIONS_MAX),
      row(`a call, ${subject}: nanoseconds beside it`, guarded.nanoseconds - plain.nanoseconds),
    );
  }
  return rows;
}

/** Looks on from the frames that are known. */
async function searchWorst(
  meter: Meter,
  profile: Profile,
  rounds: number,
  known: Readonly<Record<string, Scenario>>,
): Promise<Record<string, Scenario>> {
  const worst: Record<string, Scenario> = { ...known };
  const batch = profile === "micro" ? 24 : 6;
  for (const [i, target] of costRows(profile).entries()) {
    const start = known[target.name] === undefined ? [] : [known[target.name]!];
    const found = await findWorst(meter, profile, target, { seed: 100 + i, rounds, batch }, start);
    worst[target.name] = found.scenario;
    console.error(
      `${profile}: ${target.name}: ${found.instructions} by ${JSON.stringify(found.scenario)}`,
    );
  }
  return worst;
}

export interface BudgetOptions {
  readonly update?: boolean;
  readonly searchRounds?: number;
}

/** Measures everything; `folder` is empty at first, `library` that which `npm run build:c` makes. */
export async function measureBudgets(
  library: string,
  folder: string,
  { update = false, searchRounds = 0 }: BudgetOptions = {},
): Promise<Row[]> {
  const baseline = JSON.parse(readFileSync(BASELINE, "utf8")) as Baseline;
  const compilers = await compilerVersions();
  const profiles: Partial<Record<Profile, Published>> = {};
  const rows: Row[] = [];
  for (const { profile, target } of MEASURED) {
    const meters = await buildMeters(target, profile, library, folder);
    rows.push(...(await ratioRows(meters, profile)));
    let worst = baseline.profiles[profile]?.worst ?? {};
    if (searchRounds > 0) worst = await searchWorst(meters.checked, profile, searchRounds, worst);
    const now = await measureCosts(meters.checked, meters.unchecked, profile, worst);
    const published = { target, ...now, worst };
    profiles[profile] = published;
    const comparable = compilers[target] === baseline.compilers[target];
    const was = update ? published : baseline.profiles[profile]!;
    rows.push(...costRowsOf(profile, now, was, comparable), ...stackRow(profile, now));
  }
  if (update) {
    profiles.wide = await measureWide(library, folder, profiles.standard!.worst);
    const renewed: Baseline = { compilers, profiles };
    writeFileSync(BASELINE, `${JSON.stringify(renewed, null, 2)}\n`);
    writeFileSync(COSTS_PAGE, costsPage(renewed));
  }
  return [...rows, ...(await overheadRows(library, folder))];
}

const text = ({ name, value, limit, ok }: Row) =>
  `${ok ? "ok    " : "MISSED"} ${value.toFixed(value < 100 ? 3 : 0).padStart(10)}` +
  `${(limit === undefined ? "" : ` <= ${limit.toFixed(limit < 100 ? 2 : 0)}`).padEnd(14)} ${name}`;

/** For the runner of the proof. */
export const budgetChecks: readonly Check[] = [
  {
    name: "budgets",
    tools: TOOLS,
    async run({ library, folder }) {
      const rows = await measureBudgets(library, folder);
      const missed = rows.filter(({ ok }) => !ok);
      if (missed.length > 0) throw new Error(missed.map(text).join("\n"));
      return `${rows.filter(({ limit }) => limit !== undefined).length} figures are in their limits`;
    },
  },
];

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      json: { type: "boolean", default: false },
      update: { type: "boolean", default: false },
      search: { type: "string", default: "0" },
    },
  });
  const missing = missingPackages(TOOLS);
  if (missing.length > 0) throw new Error(`budgets need the packages ${missing.join(", ")}`);
  const folder = mkdtempSync(join(tmpdir(), "mapveil-embed-budgets-"));
  try {
    const library = join(folder, "c");
    const searchRounds = Number(values.search);
    const update = values.update || searchRounds > 0;
    buildLibrary(library, update ? PROFILES : ["micro", "standard"]);
    const rows = await measureBudgets(library, folder, { update, searchRounds });
    console.log(
      values.json ? JSON.stringify({ schema: 1, rows }, null, 2) : rows.map(text).join("\n"),
    );
    process.exitCode = rows.every(({ ok }) => ok) ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
