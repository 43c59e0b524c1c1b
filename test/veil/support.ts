/** Artefacts for the tests beside: made of seeded clouds with seeded randomness. */
import { EXIT_CODES, MapveilError } from "../../host/core/errors.ts";
import type { Frame, MetadataField, Pose } from "../../host/core/frame.ts";
import { generateRecipientKey, type RandomBytes } from "../../host/keys/index.ts";
import { type Policy, parsePolicy } from "../../host/policy/index.ts";
import { Sanitizer, type SanitizerOptions } from "../../host/veil/sanitizer.ts";
import { randomCloud, Seeded } from "../core/clouds.ts";

export { Seeded };

/** The same bytes in every run. */
export function seededRandom(seed: number): RandomBytes {
  const random = new Seeded(seed);
  return (count) => random.bytes(count);
}

export const RECIPIENT = generateRecipientKey(seededRandom(1));
export const STRANGER = generateRecipientKey(seededRandom(2));

export const policyOf = (yaml: string): Policy => parsePolicy(`version: 1\n${yaml}`, "test.yaml");

interface FrameOptions {
  readonly points?: number;
  readonly half?: number;
  readonly pose?: Pose;
  readonly metadata?: readonly MetadataField[];
}

/** A frame of a seeded cloud. */
export function frameOf(seed: number, options: FrameOptions = {}): Frame {
  const { points = 500, half = 4, pose, metadata = [] } = options;
  const cloud = randomCloud(new Seeded(seed), points, half);
  return {
    count: points,
    layout: {
      pointStep: 12,
      x: { offset: 0, type: "f32" },
      y: { offset: 4, type: "f32" },
      z: { offset: 8, type: "f32" },
    },
    data: new Uint8Array(cloud.buffer),
    metadata,
    ...(pose && { pose }),
  };
}

export function sanitizerOf(options: Partial<SanitizerOptions> = {}): Promise<Sanitizer> {
  const policy = options.policy ?? policyOf("");
  const random = options.random ?? seededRandom(3);
  return Sanitizer.create({ recipient: RECIPIENT.publicKey, ...options, policy, random });
}

/** A whole artefact of frames. */
export function artefactOf(sanitizer: Sanitizer, frames: readonly Frame[]): Uint8Array {
  const artefact = sanitizer.begin();
  const parts = [artefact.header, ...frames.map((frame) => artefact.add(frame).bytes)];
  return Uint8Array.from(Buffer.concat([...parts, artefact.end()]));
}

/** The code that a promise fails with; what it gives instead, if it does not fail. */
export async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    return `no error, but ${JSON.stringify(await promise)?.slice(0, 100)}`;
  } catch (error) {
    if (error instanceof MapveilError && error.code in EXIT_CODES) return error.code;
    return `not a MapveilError: ${error}`;
  }
}

/** Offsets at which the messages of an artefact begin, and its end. */
export function boundaries(veil: Uint8Array, headerBytes: number): number[] {
  const view = new DataView(veil.buffer, veil.byteOffset, veil.length);
  const offsets = [headerBytes];
  for (let at = headerBytes; at < veil.length; ) {
    at += 4 + view.getUint32(at, true);
    offsets.push(at);
  }
  return offsets;
}
