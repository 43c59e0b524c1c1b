/** `mapveil attack`: how well strangers recognise homes and sensors by what leaves. */
import { type Command, InvalidArgumentError, Option } from "commander";
import { loadProduct, type Product } from "../../attack/product.ts";
import { type PlaceResult, type Recall, recogniseHomes } from "../../attack/recognise-homes.ts";
import { recogniseSensors, type SensorResult } from "../../attack/recognise-sensors.ts";
import { mapView, pathView, planView, type View } from "../../attack/views.ts";
import { MapveilError } from "../../core/errors.ts";
import { defaultPolicy } from "../../policy/index.ts";
import { count } from "../format.ts";
import { type CliIo, print } from "../io.ts";
import { Progress } from "../progress.ts";

const EXAMPLE = `
Every attack is made on what leaves and, to show that it works, on what the robot had. Homes and
sensors are made up from a seed; the same seed gives the same figures.
1,000 homes take some minutes, --quick half a minute.

Examples:
  mapveil attack --quick
  mapveil attack --only plan --cell 0.4
`;

/** What leaves of a home is recognised by the shape of its rooms, which no cell size hides. */
const VERDICT =
  "Plans and maps are pseudonymised, not more: the shape of its rooms tells a home from all others, " +
  "so whoever saw it before recognises it without a name.";

const PARTS = ["plan", "map", "path", "fingerprint"] as const;
type Part = (typeof PARTS)[number];

const HOMES = { full: 1000, quick: 100 };
const QUERIES = { full: 100, quick: 50 };
/** Enough to show that an attack works. */
const RAW_QUERIES = 40;
const UNITS = { full: 100, quick: 20 };
const HOMES_MAX = 10_000;
const CELL_M = [0.1, 2] as const;

interface Flags {
  readonly only?: Part;
  readonly homes?: number;
  readonly cell?: number;
  readonly seed: number;
  readonly quick?: boolean;
  readonly json?: boolean;
}

/** Adds the command. */
export function addAttack(program: Command, io: CliIo): void {
  program
    .command("attack")
    .summary("measure how well homes and sensors are recognised by what leaves")
    .description("Attacks releases of made-up homes: who recognises a home, or a sensor, by them?")
    .addOption(new Option("--only <part>", "one attack alone").choices(PARTS))
    .option("--homes <n>", `homes to tell apart, 20 to ${HOMES_MAX} (default ${HOMES.full})`, homes)
    .option("--cell <m>", `cells of plan and map, ${CELL_M[0]} to ${CELL_M[1]} m`, cell)
    .option("--seed <n>", "number that the homes are made from", seed, 1)
    .option("--quick", `${HOMES.quick} homes, ${UNITS.quick} sensors: a first look`)
    .option("--json", "print the figures as JSON")
    .addHelpText("after", EXAMPLE)
    .action(async (flags: Flags) => attack(io, flags));
}

function numberWithin(text: string, low: number, high: number, whole: boolean): number {
  const value = Number(text);
  if (text.trim() !== "" && value >= low && value <= high && (!whole || Number.isInteger(value))) {
    return value;
  }
  const kind = whole ? "a whole number" : "a number";
  throw new InvalidArgumentError(`It must be ${kind} from ${low} to ${high}.`);
}

const homes = (text: string) => numberWithin(text, 20, HOMES_MAX, true);
const cell = (text: string) => numberWithin(text, CELL_M[0], CELL_M[1], false);
const seed = (text: string) => numberWithin(text, 0, 0x7fffffff, true);

/** One line of the result. */
interface Figure {
  readonly attack: Part;
  readonly kind: string;
  readonly cellM: number | undefined;
  /** Homes or sensors among which the right one was looked for. */
  readonly of: number;
  readonly release: Recall;
  /** The same attack on what the robot had. */
  readonly raw: Recall;
  /** By shape distributions alone. */
  readonly shape?: Recall;
}

async function attack(io: CliIo, flags: Flags): Promise<void> {
  if (flags.cell !== undefined && flags.only === "path") {
    throw new MapveilError(
      "USAGE",
      "The cells of a path have one size; --cell is for the others.",
      {
        field: "--cell",
      },
    );
  }
  const parts = PARTS.filter((part) => flags.only === undefined || part === flags.only);
  const size = flags.quick ? "quick" : "full";
  const ofHomes = flags.homes ?? HOMES[size];
  const queries = Math.min(ofHomes, QUERIES[size]);
  const terms = { seed: flags.seed, homes: ofHomes, queries, rawQueries: RAW_QUERIES };
  const product = await loadProduct(flags.seed);
  const progress = new Progress(io);
  const figures: Figure[] = [];
  const views = viewsOf(parts, flags.cell, product);
  if (views.length > 0) {
    const say = (share: number) => progress.share(`${count(ofHomes)} homes`, share);
    const results = await recogniseHomes(views, terms, say);
    figures.push(...results.map((result, i) => homeFigure(views[i]!, ofHomes, result)));
  }
  if (parts.includes("fingerprint")) {
    const units = UNITS[size];
    const leafM = flags.cell ?? defaultPolicy().map.leaf_m;
    const say = (share: number) => progress.share(`${units} sensors`, share);
    const result = await recogniseSensors({ seed: flags.seed, units, leafM }, product, say);
    figures.push(...sensorFigures(units, leafM, result));
  }
  progress.end();
  const data = { schema: 1, seed: flags.seed, figures: figures.map(asJson), verdict: VERDICT };
  print(io, flags.json, data, `${text(figures)}\nSeed ${flags.seed}. ${VERDICT}\n`);
}

function viewsOf(parts: readonly Part[], cellM: number | undefined, { maker }: Product): View[] {
  const { plan, map } = defaultPolicy();
  return [
    ...(parts.includes("plan") ? [planView(cellM ?? plan.cell_m)] : []),
    ...(parts.includes("map") ? [mapView(cellM ?? map.leaf_m, maker)] : []),
    ...(parts.includes("path") ? [pathView()] : []),
  ];
}

function homeFigure({ kind, cellM }: View, of: number, result: PlaceResult): Figure {
  const { release, raw, shape } = result;
  const part = kind === "grid" ? "plan" : kind;
  return { attack: part, kind: `homes by ${part}`, cellM, of, release, raw, shape };
}

function sensorFigures(of: number, cellM: number, { raw, frames, map }: SensorResult): Figure[] {
  return [
    { attack: "fingerprint", kind: "sensors by map", cellM, of, release: map, raw },
    {
      attack: "fingerprint",
      kind: "sensors by single frames",
      cellM: defaultPolicy().leaf_m,
      of,
      release: frames,
      raw,
    },
  ];
}

const shareOf = ({ queries }: Recall, found: number) => (queries === 0 ? 0 : found / queries);

function asJson({ release, raw, shape, of, ...rest }: Figure) {
  const recall = (found: Recall) => ({
    queries: found.queries,
    recall1: shareOf(found, found.first),
    recall10: shareOf(found, found.ten),
  });
  return {
    ...rest,
    of,
    chance1: 1 / of,
    chance10: Math.min(1, 10 / of),
    release: recall(release),
    raw: recall(raw),
    ...(shape && { shape: recall(shape) }),
  };
}

const percent = (share: number) => `${Number((100 * share).toFixed(1))} %`;

function text(figures: readonly Figure[]): string {
  const pair = (found: Recall) =>
    `${percent(shareOf(found, found.first))} / ${percent(shareOf(found, found.ten))}`;
  const rows = figures.map((figure) => [
    `${figure.kind}, ${figure.cellM} m`,
    count(figure.of),
    count(figure.release.queries),
    `${percent(1 / figure.of)} / ${percent(Math.min(1, 10 / figure.of))}`,
    pair(figure.release),
    pair(figure.raw),
    figure.shape ? pair(figure.shape) : "",
  ]);
  const head = ["recall@1 / recall@10", "of", "asked", "chance", "release", "raw", "D2 alone"];
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]!.length)));
  return all
    .map((row) => row.map((cell, column) => cell.padEnd(widths[column]!)).join("  "))
    .map((line) => `${line.trimEnd()}\n`)
    .join("");
}
