/** Seals frames with a module in Node, step by step as the example controller does. */
import * as abi from "../../../assembly/abi.ts";
import type { Frame } from "../../../host/core/frame.ts";
import { putFrame, putLayout } from "../../../host/core/frame-structs.ts";
import { compilePolicy, type Policy } from "../../../host/policy/index.ts";
import { Player } from "./play-wasm.ts";
import { RECIPIENT, SEEDS } from "./plays.ts";

export interface SealedFrame {
  readonly record: Buffer;
  readonly veil: Buffer;
}

const viewOf = (bytes: Buffer) => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);

function done(status: number): number {
  if (status < 0) throw new Error(`the module gave ${status}`);
  return status;
}

function encode(core: Player, frame: Frame, policy: Uint8Array): number {
  core.region(abi.REGION_POLICY).set(policy);
  putLayout(viewOf(core.region(abi.REGION_LAYOUT)), 0, frame.layout);
  putFrame(viewOf(core.region(abi.REGION_FRAME)), 0, frame, SEEDS.fresh.subarray(0, 8));
  done(core.call("frame_begin"));
  const input = core.region(abi.REGION_INPUT);
  const { pointStep } = frame.layout;
  const most = Math.floor(input.length / pointStep);
  for (let first = 0; first < frame.count; first += most) {
    const count = Math.min(most, frame.count - first);
    input.set(frame.data.subarray(first * pointStep, (first + count) * pointStep));
    done(core.call("frame_push", count));
  }
  done(core.call("frame_finish"));
  return done(core.call("tile_encode", 0));
}

function seal(core: Player, digest: Uint8Array, epoch: bigint, record: number): Buffer {
  const seal = core.region(abi.REGION_SEAL);
  seal.set(RECIPIENT.publicKey, abi.SEAL_RECIPIENT);
  done(core.call("seal_key"));
  seal.set(digest, abi.SEAL_POLICY_DIGEST);
  seal.writeBigUInt64LE(epoch, abi.SEAL_EPOCH);
  done(core.call("seal_begin", abi.KIND_FRAME));
  const parts = [Buffer.from(core.region(abi.REGION_HEADER))];
  for (let at = 0; at < record; at += core.pieceBytes) {
    const bytes = Math.min(core.pieceBytes, record - at);
    const tag = at + bytes === record ? abi.TAG_FINAL : abi.TAG_MESSAGE;
    const length = Buffer.alloc(4);
    length.writeUInt32LE(done(core.call("seal_message", at, bytes, tag)));
    const message = core.region(abi.REGION_MESSAGE).subarray(0, length.readUInt32LE());
    parts.push(length, Buffer.from(message));
  }
  return Buffer.concat(parts);
}

/** What the controller must write for these frames, with the seeds of the proof; and the next seed. */
export function sealWasm(
  wasm: string,
  frames: readonly Frame[],
  policy: Policy,
  epoch: bigint,
): { sealed: SealedFrame[]; nextSeed: Buffer } {
  const core = new Player(wasm);
  const compiled = compilePolicy(policy);
  const seed = core.region(abi.REGION_SEED);
  seed.set(SEEDS.stored, abi.SEEDS_STORED);
  seed.set(SEEDS.fresh, abi.SEEDS_FRESH);
  done(core.call("seed"));
  const nextSeed = Buffer.from(seed.subarray(abi.SEEDS_STORED, abi.SEEDS_STORED + 32));
  const sealed = frames.map((frame) => {
    const bytes = encode(core, frame, compiled.bytes);
    const record = Buffer.from(core.region(abi.REGION_PLAIN).subarray(0, bytes));
    return { record, veil: seal(core, compiled.digest, epoch, bytes) };
  });
  return { sealed, nextSeed };
}
