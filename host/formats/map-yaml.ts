/**
 * Occupancy maps as map_server and nav2_map_server keep them: a .yaml that names an image and says
 * what its greys mean. Semantics: nav2_map_server, map_io.cpp; wiki.ros.org/map_server.
 */
import { dirname, isAbsolute, join } from "node:path";
import { z } from "zod";
import { readYaml } from "../config/yaml-source.ts";
import { MapveilError } from "../core/errors.ts";
import { openByteFile } from "./byte-file.ts";
import { badInput, tooLarge } from "./input-errors.ts";
import { MetadataList } from "./metadata-list.ts";
import { occupancyState } from "./occupancy-grid.ts";
import { type GreyImage, readPgm } from "./pgm.ts";
import { PLAN_FREE, PLAN_OCCUPIED, PLAN_UNKNOWN, type Plan, type PlanOptions } from "./plan.ts";
import { checkCellM, checkPlace, PLAN_BYTES_MAX } from "./plan-limits.ts";
import { isPng, readPngGrey } from "./png-image.ts";

const YAML_CHARS_MAX = 1 << 16;
const MODES = ["trinary", "scale", "raw"] as const;

const share = z.number().min(0).max(1);
const schema = z.looseObject({
  image: z.string().min(1).max(4096),
  resolution: z.number(),
  origin: z.tuple([z.number(), z.number(), z.number()]),
  negate: z.union([z.literal(0), z.literal(1), z.boolean()]).default(0),
  occupied_thresh: share,
  free_thresh: share,
  mode: z.enum(MODES).default("trinary"),
});
type MapYaml = z.infer<typeof schema>;

/** Reads the map of a .yaml and the image that it names, relative to the .yaml. */
export async function readMapYaml(
  path: string,
  text: string,
  { reads }: PlanOptions,
): Promise<Plan> {
  const facts = parseFacts(path, text);
  const imagePath = isAbsolute(facts.image) ? facts.image : join(dirname(path), facts.image);
  const image = await readImage(path, imagePath);
  const [x, y, yawRad] = facts.origin;
  const metadata = MetadataList.ofFile(path, reads);
  metadata.add("file_name", facts.image);
  metadata.add("map_origin", facts.origin.join(" "));
  for (const [key, value] of Object.entries(facts)) {
    if (!(key in schema.shape)) metadata.add("raw_text", `${key}: ${JSON.stringify(value)}`);
  }
  return {
    cellM: facts.resolution,
    width: image.width,
    height: image.height,
    origin: { x, y, yawRad },
    cells: cellsOf(image, facts),
    rooms: [],
    noGo: [],
    metadata: metadata.list(),
  };
}

function parseFacts(path: string, text: string): MapYaml {
  if (text.length > YAML_CHARS_MAX) {
    throw tooLarge(
      path,
      `${text.length} characters; the .yaml of a map has at most ${YAML_CHARS_MAX}.`,
    );
  }
  const { data, problems, locate } = readYaml(text);
  const [problem] = problems;
  if (problem !== undefined) {
    const message = `line ${problem.line}: ${problem.what}.`;
    throw badInput(path, message, { line: problem.line });
  }
  const result = schema.safeParse(data);
  const issue = result.success ? undefined : result.error.issues[0]!;
  const fail = (field: string, what: string) => {
    const { line } = locate([field], "value");
    return badInput(path, `line ${line}: ${field} ${what}; correct the map's .yaml.`, {
      field,
      line,
    });
  };
  if (!result.success) {
    const field = String(issue!.path[0] ?? "the file");
    throw fail(field, `is not as a map has it (${issue!.message})`);
  }
  const facts = result.data;
  checkCellM(path, facts.resolution, "resolution");
  checkPlace(path, facts.origin, "origin");
  if (facts.free_thresh >= facts.occupied_thresh) {
    throw fail("free_thresh", "must be below occupied_thresh");
  }
  return facts;
}

/** The image is named by the .yaml, so that errors do not repeat its name. */
async function readImage(yaml: string, path: string): Promise<GreyImage> {
  const image = `${yaml}: the image that it names`;
  const file = await openByteFile(path).catch((cause: unknown) => {
    const code = cause instanceof MapveilError ? cause.code : "IO";
    const text = `${image} cannot be read; check "image", and that the file is there.`;
    throw new MapveilError(code, text, { file: yaml, field: "image" }, cause);
  });
  try {
    if (file.size > PLAN_BYTES_MAX) {
      throw tooLarge(image, `${file.size} bytes; a map's image has at most ${PLAN_BYTES_MAX}.`);
    }
    const bytes = await file.read(0, file.size);
    return isPng(bytes) ? readPngGrey(image, bytes) : readPgm(image, bytes);
  } finally {
    await file.close();
  }
}

/** Cells from the lowest row up; the image has its uppermost row first. */
function cellsOf(image: GreyImage, facts: MapYaml): Uint8Array {
  const { width, height, samples, clear } = image;
  // One state for each grey there is, so that each cell is a look-up.
  const states = Uint8Array.from({ length: image.maxValue + 1 }, (_, grey) =>
    stateOf(grey / image.maxValue, facts),
  );
  const cells = new Uint8Array(width * height);
  for (let row = 0; row < height; row++) {
    const from = (height - 1 - row) * width;
    for (let x = 0; x < width; x++) {
      const hidden = clear?.[from + x] === 1 && facts.mode === "scale";
      cells[row * width + x] = hidden ? PLAN_UNKNOWN : states[samples[from + x]!]!;
    }
  }
  return cells;
}

/** State of a cell; `shade` 0 is black, 1 white. */
function stateOf(shade: number, facts: MapYaml): number {
  if (facts.mode === "raw") return occupancyState(Math.round(shade * 255));
  const occupied = facts.negate ? shade : 1 - shade;
  if (occupied > facts.occupied_thresh) return PLAN_OCCUPIED;
  if (occupied < facts.free_thresh) return PLAN_FREE;
  if (facts.mode === "trinary") return PLAN_UNKNOWN;
  const span = facts.occupied_thresh - facts.free_thresh;
  return occupancyState(Math.round(((occupied - facts.free_thresh) / span) * 100));
}
