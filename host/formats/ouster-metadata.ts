/**
 * The metadata .json of an Ouster sensor: what is needed to decode its packets. Reads the flat
 * layout (firmware before 3) and the nested one, and the oldest files, which name no data format.
 */
import { openByteFile } from "./byte-file.ts";
import { badInput, tooLarge } from "./input-errors.ts";
import type { Tell } from "./metadata-list.ts";
import { tellIdentity } from "./ouster-identity.ts";
import { type OusterProfile, profileOf } from "./ouster-profile.ts";

export interface OusterMetadata {
  readonly profile: OusterProfile;
  readonly rows: number;
  readonly columnsPerFrame: number;
  readonly columnsPerPacket: number;
  /** Degrees, one a row. */
  readonly altitudes: readonly number[];
  readonly azimuths: readonly number[];
  /** Beam origin in the lidar frame, millimetres: along x, and along z. */
  readonly beamOrigin: readonly [number, number];
  /** 4x4, row by row, millimetres. */
  readonly lidarToSensor: readonly number[];
  /** Seconds a frame takes. */
  readonly periodSeconds: number;
  /** UDP port of the lidar packets, if the file says so. */
  readonly port: number | undefined;
  /** Serial number as a number, to tell two sensors in one recording apart. */
  readonly serial: number | undefined;
}

const METADATA_BYTES_MAX = 4 * 1024 * 1024;
const ROWS_MAX = 512;
const COLUMNS_MAX = 8192;

type Json = Readonly<Record<string, unknown>>;

/** Reads and checks a metadata file; `tell` hears what in it names a unit, a network or a firmware. */
export async function readOusterMetadata(path: string, tell: Tell): Promise<OusterMetadata> {
  const file = await openByteFile(path);
  try {
    if (file.size > METADATA_BYTES_MAX) {
      throw tooLarge(path, `${file.size} bytes; sensor metadata has a few kilobytes.`);
    }
    const text = Buffer.from(await file.read(0, file.size)).toString("utf8");
    return parseOusterMetadata(path, text, tell);
  } finally {
    await file.close();
  }
}

/** As readOusterMetadata, of text; `file` is only named in errors. BAD_INPUT names the key that is wrong. */
export function parseOusterMetadata(file: string, text: string, tell: Tell): OusterMetadata {
  const json = parseJson(file, text);
  const sections = [
    "lidar_data_format",
    "data_format",
    "beam_intrinsics",
    "lidar_intrinsics",
    "sensor_info",
    "config_params",
  ].map((name) => objectOf(json[name]));
  // The value of a key, from the top or from any section; the first that is there counts.
  const find = (key: string): unknown =>
    [json, ...sections].find((section) => section?.[key] !== undefined)?.[key];
  const keys = new MetadataKeys(file, find);

  const altitudes = keys.numbers("beam_altitude_angles");
  const [modeColumns, hertz] = keys.mode();
  const rows = keys.count("pixels_per_column", ROWS_MAX, altitudes.length);
  const columnsPerFrame = keys.count("columns_per_frame", COLUMNS_MAX, modeColumns);
  keys.mustHaveLength("beam_altitude_angles", altitudes, rows);
  const azimuths = keys.mustHaveLength(
    "beam_azimuth_angles",
    keys.numbers("beam_azimuth_angles"),
    rows,
  );
  const profileName = find("udp_profile_lidar") ?? "LEGACY";
  const profile = profileOf(String(profileName));
  if (profile === undefined) {
    throw keys.fail("udp_profile_lidar", "is no profile that is supported");
  }
  const port = find("udp_port_lidar");
  const serial = Number(find("prod_sn"));
  tellIdentity(json, tell);
  return {
    profile,
    rows,
    columnsPerFrame,
    columnsPerPacket: keys.count("columns_per_packet", 256, 16),
    altitudes,
    azimuths,
    beamOrigin: keys.beamOrigin(),
    lidarToSensor: keys.mustHaveLength(
      "lidar_to_sensor_transform",
      keys.numbers("lidar_to_sensor_transform"),
      16,
    ),
    periodSeconds: 1 / hertz,
    port: typeof port === "number" && port > 0 && port < 65536 ? port : undefined,
    serial: Number.isSafeInteger(serial) && serial > 0 ? serial : undefined,
  };
}

/** Typed access to the keys, with errors that name them. */
class MetadataKeys {
  readonly #file: string;
  readonly #find: (key: string) => unknown;

  constructor(file: string, find: (key: string) => unknown) {
    this.#file = file;
    this.#find = find;
  }

  fail(key: string, text: string) {
    return badInput(
      this.#file,
      `the Ouster metadata key "${key}" ${text}; save the metadata from the sensor again.`,
      { field: key },
    );
  }

  numbers(key: string): number[] {
    const value = this.#find(key);
    if (!Array.isArray(value) || !value.every((v) => typeof v === "number" && Number.isFinite(v))) {
      throw this.fail(key, "is missing or not a list of numbers");
    }
    return value;
  }

  mustHaveLength(key: string, values: readonly number[], length: number): readonly number[] {
    if (values.length === length) return values;
    throw this.fail(key, `has ${values.length} values; expected ${length}`);
  }

  count(key: string, max: number, fallback: number): number {
    const value = this.#find(key) ?? fallback;
    if (typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= max) {
      return value;
    }
    throw this.fail(key, `is not a whole number from 1 to ${max}`);
  }

  /** "1024x10": columns and frames a second. */
  mode(): [number, number] {
    const value = this.#find("lidar_mode");
    const match = /^(\d{2,5})x(\d{1,3})$/.exec(typeof value === "string" ? value : "");
    const hertz = Number(match?.[2] ?? 0);
    if (hertz === 0) throw this.fail("lidar_mode", 'is missing or not like "1024x10"');
    return [Number(match![1]), hertz];
  }

  beamOrigin(): [number, number] {
    const transform = this.#find("beam_to_lidar_transform");
    if (transform !== undefined) {
      const key = "beam_to_lidar_transform";
      const matrix = this.mustHaveLength(key, this.numbers(key), 16);
      return [matrix[3]!, matrix[11]!];
    }
    const along = this.#find("lidar_origin_to_beam_origin_mm");
    if (typeof along === "number" && Number.isFinite(along)) return [along, 0];
    throw this.fail("lidar_origin_to_beam_origin_mm", "is missing or not a number");
  }
}

function parseJson(file: string, text: string): Json {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw badInput(
      file,
      "the Ouster metadata is not JSON; save it from the sensor again.",
      {},
      error,
    );
  }
  const json = objectOf(value);
  if (json === undefined) {
    throw badInput(
      file,
      "the Ouster metadata is not a JSON object; save it from the sensor again.",
    );
  }
  return json;
}

function objectOf(value: unknown): Json | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Json)
    : undefined;
}
