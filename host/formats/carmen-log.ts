/**
 * Logs of 2D lidars as CARMEN and the SLAM data sets of its time write them, one message a line:
 *
 *   FLASER n r1 .. rn x y theta odom_x odom_y odom_theta time host logger_time
 *   ROBOTLASER1 type start_angle field_of_view angle_step range_max accuracy remission_mode
 *     n r1 .. rn m i1 .. im x y theta (lidar) x y theta (robot) tv rv ... time host logger_time
 *
 * Metres and radians, readings from the right to the left, poses those of the lidar. Format:
 * carmen.sourceforge.net, program manual, "logger". Other messages, the rear lidar and PARAM among
 * them, are passed over: the poses of a scan stand in its own line.
 */
import type { Frame } from "../core/frame.ts";
import type { ByteFile } from "./byte-file.ts";
import { type FlatScan, scanTable } from "./flat-scan.ts";
import { type FrameSource, makeSource, type OpenOptions } from "./frame-source.ts";
import { badInput } from "./input-errors.ts";
import { isoTime, MetadataList, type MetadataReads } from "./metadata-list.ts";
import { layoutOf } from "./point-columns.ts";
import { planarPose } from "./rotation.ts";
import { type TextLine, textLines } from "./text-lines.ts";

/** The older lidars say 81.91 m where nothing came back; none of them sees as far. */
const FLASER_RANGE_MAX = 81;
const READINGS_MAX = 1 << 16;
const SCANS_WAITING = 32;
const NO_NUMBER = /^[+-]?(?:nan|inf(?:inity)?)$/i;
interface LogScan {
  readonly scan: FlatScan;
  /** x, y, theta of the lidar in the map. */
  readonly place: readonly number[];
  readonly seconds: number;
  readonly host: string;
}

type Parse = (words: LineWords) => LogScan;

const SCANS: Readonly<Record<string, Parse>> = {
  FLASER: parseFlaser,
  ROBOTLASER1: parseRobotLaser,
};

/**
 * A CARMEN log, gzipped or not: the scans of the first kind of message that it holds, in the order
 * of their stamps. BAD_INPUT names the line that is damaged, or says that there is no scan.
 */
export function openCarmen(file: ByteFile, { reads }: OpenOptions): FrameSource {
  return makeSource({ format: "carmen", flat: true }, file, async function* () {
    for await (const scan of inOrder(readScans(file))) yield toFrame(file.path, scan, reads);
  });
}

async function* readScans(file: ByteFile): AsyncGenerator<LogScan> {
  let kind: string | undefined;
  for await (const line of textLines(file)) {
    const space = line.text.indexOf(" ");
    const name = space < 0 ? line.text : line.text.slice(0, space);
    const parse = Object.hasOwn(SCANS, name) ? SCANS[name] : undefined;
    // One lidar may be logged twice, as the driver sent it and as the robot corrected it.
    if (parse === undefined || name !== (kind ?? name)) continue;
    kind = name;
    yield parse(new LineWords(file.path, line));
  }
  if (kind !== undefined) return;
  const text =
    "no line of it is a scan (FLASER or ROBOTLASER1): it is no CARMEN log, or one without a front lidar.";
  throw badInput(file.path, text);
}

/**
 * Loggers write messages as they arrive, which over a robot's network is up to a second late: scans
 * are put in order over so many. Where the log breaks off, what was waiting comes first.
 */
async function* inOrder(scans: AsyncIterable<LogScan>): AsyncGenerator<LogScan> {
  const waiting: LogScan[] = [];
  let fault: unknown;
  try {
    for await (const scan of scans) {
      const after = waiting.findLastIndex(({ seconds }) => seconds <= scan.seconds);
      waiting.splice(after + 1, 0, scan);
      if (waiting.length > SCANS_WAITING) yield waiting.shift()!;
    }
  } catch (error) {
    fault = error;
  }
  yield* waiting;
  if (fault !== undefined) throw fault;
}

function parseFlaser(words: LineWords): LogScan {
  const ranges = words.list("num_readings", 2);
  const [x, y, theta] = [words.number("x"), words.number("y"), words.number("theta")];
  words.skip(3);
  // Half a turn: 180 and 360 readings start at the right, 181 and 361 end at the left as well.
  const angleStep = Math.PI / (ranges.length - (ranges.length % 2));
  const scan = { angleMin: -Math.PI / 2, angleStep, ranges, rangeMin: 0 };
  return {
    scan: { ...scan, rangeMax: FLASER_RANGE_MAX },
    place: [x, y, theta],
    ...words.tail(),
  };
}

function parseRobotLaser(words: LineWords): LogScan {
  words.skip(1);
  const angleMin = words.number("start_angle");
  words.skip(1);
  const angleStep = words.number("angular_resolution");
  const limit = words.number("maximum_range");
  words.skip(2);
  const ranges = words.list("num_readings", 1);
  words.list("num_remissions", 0);
  const place = [words.number("x"), words.number("y"), words.number("theta")];
  words.skip(8);
  // A reading at the limit is one that nothing came back to.
  const rangeMax = limit * (1 - 1e-6);
  const scan = { angleMin, angleStep, ranges, rangeMin: 0, rangeMax };
  return { scan, place, ...words.tail() };
}

function toFrame(
  file: string,
  { scan, place, seconds, host }: LogScan,
  reads: MetadataReads | undefined,
): Frame {
  const table = scanTable(scan);
  const stampNs = seconds > 0 ? BigInt(Math.round(seconds * 1e6)) * 1000n : undefined;
  const metadata = MetadataList.ofFile(file, reads);
  metadata.add("host_name", host);
  if (stampNs !== undefined) metadata.add("wall_clock", isoTime(stampNs));
  const [x, y, theta] = place as [number, number, number];
  return {
    count: table.count,
    layout: layoutOf(file, table, "byte", metadata.tell),
    data: table.data,
    ...(stampNs !== undefined && { stampNs }),
    pose: planarPose(x, y, theta),
    metadata: metadata.list(),
  };
}

/** The words of one line from left to right, with errors that name the line and the field. */
class LineWords {
  readonly #file: string;
  readonly #line: number;
  readonly #words: readonly string[];
  /** The message's name stands in front. */
  #at = 1;

  constructor(file: string, { line, text }: TextLine) {
    this.#file = file;
    this.#line = line;
    this.#words = text.trim().split(/\s+/);
  }

  number(field: string): number {
    const word = this.#words[this.#at++];
    const value = word === undefined ? Number.NaN : Number(word);
    if (Number.isFinite(value)) return value;
    throw this.#fail(field, `${field} is ${word === undefined ? "missing" : "not a number"}`);
  }

  skip(count: number): void {
    this.#at += count;
  }

  /** A count and as many numbers; drivers write nan and inf where nothing came back. */
  list(field: string, least: number): Float64Array {
    const count = this.number(field);
    const left = this.#words.length - this.#at;
    if (!Number.isInteger(count) || count < least || count > READINGS_MAX || count > left) {
      const text = `${field} does not fit the ${left} words behind it; ${least} to ${READINGS_MAX} are possible`;
      throw this.#fail(field, text);
    }
    const values = new Float64Array(count);
    for (let i = 0; i < count; i++) {
      const word = this.#words[this.#at + i]!;
      values[i] = Number(word);
      if (Number.isNaN(values[i]) && !NO_NUMBER.test(word)) {
        throw this.#fail(field, `value ${i + 1} of ${count} is not a number`);
      }
    }
    this.#at += count;
    return values;
  }

  /** Time, host and the logger's time; the message must end there. */
  tail(): { readonly seconds: number; readonly host: string } {
    const seconds = this.number("ipc_timestamp");
    const host = this.#words[this.#at++];
    const last = this.#words[this.#at++];
    if (host === undefined || last === undefined) {
      throw this.#fail("logger_timestamp", "it ends before the logger's time");
    }
    if (this.#at === this.#words.length) return { seconds, host };
    throw this.#fail("num_readings", "it has more words than its counts say");
  }

  #fail(field: string, text: string) {
    return badInput(
      this.#file,
      `line ${this.#line}: ${text}. The line is cut short or damaged; log again, or leave it out.`,
      { line: this.#line, field },
    );
  }
}
