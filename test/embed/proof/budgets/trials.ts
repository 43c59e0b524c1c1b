/** What meter.c plays: frames under policies, call by call; the layout of its file stands there. */
import * as abi from "../../../../assembly/abi.ts";
import type { Frame } from "../../../../host/core/frame.ts";
import { putFrame, putLayout } from "../../../../host/core/frame-structs.ts";

export interface Trial {
  readonly name: string;
  readonly frame: Frame;
  /** The POLICY struct with what is behind it. */
  readonly policy: Uint8Array;
  readonly pushPoints: number;
  /** Points that are pushed before the others, and not counted. */
  readonly leadPoints?: number;
  /** Slots that the frame is said to have; default as many as it has. */
  readonly slots?: number;
  /** The frame is encoded, sealed, opened again; all is wiped at its end. Default: as far as finish. */
  readonly encode?: boolean;
  readonly seal?: boolean;
  readonly open?: boolean;
  readonly wipe?: boolean;
  /** Played, but not counted: makes the core what it is after a first frame. */
  readonly uncounted?: boolean;
}

/** Any secret will do: the host draws one at random. */
const SEED = Uint8Array.of(0x95, 0xe1, 0xd1, 0x5b, 1, 2, 3, 4);

function headOf(trial: Trial): Buffer {
  const { frame, policy, pushPoints } = trial;
  const flags = [trial.encode, trial.seal, trial.open, trial.wipe, trial.uncounted];
  const bits = flags.reduce((sum, flag, i) => sum | (flag ? 1 << i : 0), 0);
  const words = [pushPoints, frame.count, policy.length, 0, bits, trial.leadPoints ?? 0];
  const head = Buffer.alloc(24 + abi.LAYOUT_BYTES + abi.FRAME_BYTES);
  for (const [i, word] of words.entries()) {
    head.writeUInt32LE(word, 4 * i);
  }
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  putLayout(view, 24, frame.layout);
  putFrame(view, 24 + abi.LAYOUT_BYTES, frame, SEED);
  if (trial.slots !== undefined) {
    head.writeUInt32LE(trial.slots, 24 + abi.LAYOUT_BYTES + abi.FRAME_SLOTS);
  }
  return head;
}

export function trialsFile(trials: readonly Trial[]): Buffer {
  const count = Buffer.alloc(4);
  count.writeUInt32LE(trials.length);
  const parts = trials.flatMap((trial) => [
    headOf(trial),
    trial.policy,
    trial.frame.data.subarray(0, trial.frame.count * trial.frame.layout.pointStep),
  ]);
  return Buffer.concat([count, ...parts]);
}
