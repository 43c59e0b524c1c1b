/**
 * One recording or many files as one run of scans: in the order in which they were named, each file
 * open only while it is read, for a folder may hold thousands of single scans.
 */
import { stat } from "node:fs/promises";
import { MapveilError } from "../core/errors.ts";
import type { Frame, Pose } from "../core/frame.ts";
import { ioError } from "../core/io-error.ts";
import { type FrameSource, type MetadataReads, readPoses } from "../formats/index.ts";
import type { GatheredLevel, Policy } from "../policy/index.ts";
import type { MapRules } from "../veil/map-maker.ts";
import { openInput, type RecordingOptions } from "./input.ts";
import { type CliIo, pathIn } from "./io.ts";

export interface ScanOptions extends RecordingOptions {
  /** As OpenOptions.reads. */
  readonly reads: MetadataReads;
  /** Scans a second, for recordings that do not say when they were made. */
  readonly rate?: number;
}

export class ScanSources {
  readonly #io: CliIo;
  readonly #inputs: readonly string[];
  readonly #options: ScanOptions;
  /** Of all files, where there are several; a recording's own stand in its source. */
  readonly #poses: readonly Pose[] | undefined;
  readonly bytesTotal: number;
  #current: FrameSource;
  #bytesBefore = 0;
  #count = 0;

  /**
   * Opens the first input, which says whether the lidar measures in one plane.
   * @throws MapveilError IO, BAD_INPUT
   */
  static async open(
    io: CliIo,
    inputs: readonly string[],
    options: ScanOptions,
  ): Promise<ScanSources> {
    let bytes = 0;
    for (const input of inputs) bytes += await sizeOf(pathIn(io, input));
    const several = inputs.length > 1 && options.poses !== undefined;
    const poses = several ? await readPoses(pathIn(io, options.poses as string)) : undefined;
    const first = await openInput(
      io,
      inputs[0]!,
      several ? without(options) : options,
      options.reads,
    );
    await assertScans(first, inputs[0]!);
    return new ScanSources(io, inputs, options, poses, bytes, first);
  }

  private constructor(
    io: CliIo,
    inputs: readonly string[],
    options: ScanOptions,
    poses: readonly Pose[] | undefined,
    bytesTotal: number,
    first: FrameSource,
  ) {
    this.#io = io;
    this.#inputs = inputs;
    this.#options = options;
    this.#poses = poses;
    this.bytesTotal = bytesTotal;
    this.#current = first;
  }

  /** Whether the lidar measures in one plane. */
  get flat(): boolean {
    return this.#current.flat === true;
  }

  get bytesRead(): number {
    return this.#bytesBefore + this.#current.bytesRead;
  }

  /** Seconds from one scan to the next, if it is known. */
  get periodSeconds(): number | undefined {
    const { rate } = this.#options;
    return rate === undefined ? this.#current.periodSeconds : 1 / rate;
  }

  /** The same in nanoseconds, for a map of scans without times. */
  get periodNs(): bigint | undefined {
    const seconds = this.periodSeconds;
    return seconds === undefined ? undefined : BigInt(Math.round(seconds * 1e9));
  }

  /** All scans; may be called once. Throws as the readers do. */
  async *frames(): AsyncGenerator<Frame> {
    const { flat } = this;
    for (const [i, input] of this.#inputs.entries()) {
      if (i > 0) await this.#next(input, flat);
      for await (const frame of this.#current.frames()) yield this.#complete(frame);
    }
    const { poses } = this.#options;
    if (this.#poses === undefined || this.#poses.length === this.#count) return;
    throw new MapveilError(
      "BAD_INPUT",
      `${poses} has ${this.#poses.length} poses, but the files hold ${this.#count} scans; ` +
        "there must be one line for each scan, in the order in which the files are named.",
      { file: poses as string, line: Math.min(this.#poses.length, this.#count) },
    );
  }

  /** What a map of these scans is made by. */
  mapRules(policy: Policy, level: GatheredLevel | undefined): MapRules {
    const { flat, periodNs } = this;
    return {
      policy,
      flat,
      ...(level !== undefined && { level }),
      ...(periodNs !== undefined && { periodNs }),
      ...(this.#options.inMapFrame && { inMapFrame: true }),
    };
  }

  close(): Promise<void> {
    return this.#current.close();
  }

  async #next(input: string, flat: boolean): Promise<void> {
    this.#bytesBefore += this.#current.bytesTotal;
    await this.#current.close();
    this.#current = await openInput(this.#io, input, without(this.#options), this.#options.reads);
    await assertScans(this.#current, input);
    if (this.flat === flat) return;
    throw new MapveilError(
      "USAGE",
      `${input} and the files before it are not of one kind: a map is made of scans in one ` +
        "plane, or of scans in space. Make a map of each.",
      { file: input },
    );
  }

  #complete(frame: Frame): Frame {
    const index = this.#count++;
    const pose = this.#poses?.[index];
    return { ...frame, ...(pose !== undefined && { pose }) };
  }
}

/** A map is made by the rays of scans: what is there, and what they went through. */
async function assertScans(source: FrameSource, input: string): Promise<void> {
  if (!source.isMerged) return;
  await source.close();
  throw new MapveilError(
    "USAGE",
    `${input} is a cloud of many scans, and a map is made of single ones: seal it as it is, with ` +
      "mapveil sanitize, or name the scans that it was made of.",
    { file: input },
  );
}

/** Options for one file of several: a poses file goes over all of them. */
function without({ poses: _, ...options }: ScanOptions): ScanOptions {
  return options;
}

async function sizeOf(path: string): Promise<number> {
  const { size } = await stat(path).catch((cause) => {
    throw ioError(cause, path, "read");
  });
  return size;
}
