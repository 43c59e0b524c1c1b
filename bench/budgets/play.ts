/**
 * One frame on its way through the core, stage by stage, as native/player.c plays it: what goes in as
 * a file, and what must come out of it.
 */
import * as abi from "../../assembly/abi.ts";
import { PUSH_BYTES } from "../../host/core/core.ts";
import type { CoreExports } from "../../host/core/core-exports.ts";
import type { Frame } from "../../host/core/frame.ts";
import { putFrame, putLayout } from "../../host/core/frame-structs.ts";
import { instantiateCore } from "../../host/core/load-module.ts";

export interface Play {
  readonly name: string;
  readonly frame: Frame;
  /** The POLICY struct. */
  readonly policy: Uint8Array;
  /** Made to cost as much as possible. */
  readonly hostile: boolean;
}

/** Any secret will do for the table of bricks; the host draws one at random. */
const SEED = Uint8Array.of(0x95, 0xe1, 0xd1, 0x5b, 0x95, 0xe1, 0xd1, 0x5b);

/** What the regions hold that a play starts from. */
interface Inputs {
  readonly layout: Uint8Array;
  readonly frame: Uint8Array;
  readonly seal: Uint8Array;
  readonly points: Uint8Array;
  readonly pushPoints: number;
}

function inputsOf({ frame }: Play): Inputs {
  const layout = new Uint8Array(abi.LAYOUT_BYTES);
  putLayout(new DataView(layout.buffer), 0, frame.layout);
  const struct = new Uint8Array(abi.FRAME_BYTES);
  putFrame(new DataView(struct.buffer), 0, frame, SEED);
  const { pointStep } = frame.layout;
  return {
    layout,
    frame: struct,
    seal: Uint8Array.from({ length: abi.SEAL_BYTES }, (_, i) => i + 1),
    points: frame.data.subarray(0, frame.count * pointStep),
    pushPoints: Math.floor(PUSH_BYTES / pointStep),
  };
}

/** Parts in the form of files that native/player.c reads and writes: u32 length and bytes, each. */
function joinParts(parts: readonly Uint8Array[], prefix: readonly number[] = []): Buffer {
  const numbers = (values: readonly number[]) => Buffer.from(Uint32Array.from(values).buffer);
  return Buffer.concat([
    numbers(prefix),
    ...parts.flatMap((part) => [numbers([part.length]), part]),
  ]);
}

/** The PLAY file of native/player.c. */
export function playFile(play: Play): Buffer {
  const { layout, frame, seal, points, pushPoints } = inputsOf(play);
  const metadata = new Uint8Array(0);
  const prefix = [play.frame.layout.pointStep, pushPoints];
  return joinParts([play.policy, layout, frame, metadata, seal, points], prefix);
}

/** A core of this engine with its regions by name. */
class PlayedCore {
  readonly exports: CoreExports = instantiateCore();
  readonly #bytes = new Uint8Array(this.exports.memory.buffer);

  put(region: number, bytes: Uint8Array): void {
    this.#bytes.set(bytes, this.exports.region_ptr(region));
  }

  copy(region: number, bytes: number): Uint8Array {
    const at = this.exports.region_ptr(region);
    return this.#bytes.slice(at, at + bytes);
  }
}

function done(status: number, call: string): number {
  if (status < 0) throw new Error(`${call} gave ${status}`);
  return status;
}

/** Messages of the record in REGION_PLAIN, each behind its length. */
function sealRecord(core: PlayedCore, seal: Uint8Array, record: number): Uint8Array {
  core.put(abi.REGION_SEAL, seal);
  done(core.exports.seal_begin(abi.KIND_FRAME), "seal_begin");
  const messages: Uint8Array[] = [];
  for (let from = 0; from < record; from += abi.MESSAGE_BYTES) {
    const length = Math.min(abi.MESSAGE_BYTES, record - from);
    const tag = from + length === record ? abi.TAG_FINAL : abi.TAG_MESSAGE;
    const bytes = done(core.exports.seal_message(from, length, tag), "seal_message");
    messages.push(core.copy(abi.REGION_MESSAGE, bytes));
  }
  return joinParts(messages);
}

export interface Played {
  /** The OUTPUT file that native/player.c must write. */
  readonly output: Buffer;
  readonly voxels: number;
  /** Plaintext of the artefact: the tile and its padding. */
  readonly recordBytes: number;
}

/** Plays on the engine of this process. */
export function playHere(play: Play): Played {
  const core = new PlayedCore();
  const { layout, frame, seal, points, pushPoints } = inputsOf(play);
  const { pointStep } = play.frame.layout;
  core.put(abi.REGION_POLICY, play.policy);
  core.put(abi.REGION_LAYOUT, layout);
  core.put(abi.REGION_FRAME, frame);
  done(core.exports.frame_begin(), "frame_begin");
  for (let first = 0; first < play.frame.count; first += pushPoints) {
    const count = Math.min(pushPoints, play.frame.count - first);
    core.put(abi.REGION_INPUT, points.subarray(first * pointStep, (first + count) * pointStep));
    done(core.exports.frame_push(count), "frame_push");
  }
  const voxels = done(core.exports.frame_finish(), "frame_finish");
  const recordBytes = done(core.exports.tile_encode(0), "tile_encode");
  const record = core.copy(abi.REGION_PLAIN, recordBytes);
  const messages = sealRecord(core, seal, recordBytes);
  const header = core.copy(abi.REGION_HEADER, abi.HEADER_BYTES);
  if (done(core.exports.tile_decode(recordBytes), "tile_decode") !== voxels) {
    throw new Error(`${play.name}: the tile holds other voxels than the frame`);
  }
  const cells = core.copy(abi.REGION_CELLS, voxels * 12);
  const values = core.copy(abi.REGION_VALUES, voxels * abi.VALUE_BYTES);
  return { output: joinParts([record, header, messages, cells, values]), voxels, recordBytes };
}
