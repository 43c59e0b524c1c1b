/** The header of a `.veil` artefact: readable by anyone, changed by no one. */
import * as abi from "../../assembly/abi.ts";
import { MapveilError } from "../core/errors.ts";

const MAGIC = [0x4d, 0x56, 0x45, 0x49, 0x4c, 0x01] as const;

const KINDS: ReadonlyMap<number, string> = new Map([
  [abi.KIND_FRAME, "frame"],
  [abi.KIND_MAP, "map"],
  [abi.KIND_GRID, "grid"],
  [abi.KIND_PATH, "path"],
]);

export interface VeilHeader {
  readonly suite: number;
  /** "frame", "map", "grid" or "path". */
  readonly kind: string;
  /** 8 bytes: whose key opens it. */
  readonly keyId: Uint8Array;
  /** 80 bytes: the data key in a sealed box. */
  readonly sealedKey: Uint8Array;
  /** 32 bytes: which rules applied. */
  readonly policyDigest: Uint8Array;
  /** Permission epoch that the artefact was made under. */
  readonly epoch: bigint;
  /** All its bytes, as they are authenticated. */
  readonly bytes: Uint8Array;
}

/**
 * Parses the first HEADER_BYTES bytes of an artefact. Nothing of it is authenticated until the
 * artefact was opened.
 * @throws MapveilError INTEGRITY naming what is wrong, and at which offset
 */
export function parseHeader(bytes: Uint8Array, file = "artefact"): VeilHeader {
  const fail = (offset: number, what: string): never => {
    throw new MapveilError("INTEGRITY", `${file}: ${what} (offset ${offset}).`, { file, offset });
  };
  if (MAGIC.some((byte, i) => bytes[i] !== byte)) {
    fail(0, "it does not begin as a .veil artefact of version 1 does");
  }
  if (bytes.length < abi.HEADER_BYTES) {
    fail(bytes.length, `it ends in its header, which has ${abi.HEADER_BYTES} bytes: it was cut`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, abi.HEADER_BYTES);
  const suite = view.getUint8(abi.HEADER_SUITE);
  if (suite !== abi.SUITE_1) {
    fail(abi.HEADER_SUITE, `cipher suite ${suite} is not known to this version`);
  }
  const kind = KINDS.get(view.getUint8(abi.HEADER_KIND));
  const length = view.getUint16(abi.HEADER_LENGTH, true);
  if (kind === undefined || length !== abi.HEADER_BYTES) {
    fail(abi.HEADER_KIND, "its header is damaged or of another version");
  }
  const part = (offset: number, size: number) => bytes.slice(offset, offset + size);
  return {
    suite,
    kind: kind as string,
    keyId: part(abi.HEADER_KEY_ID, 8),
    sealedKey: part(abi.HEADER_SEALED_KEY, 80),
    policyDigest: part(abi.HEADER_POLICY_DIGEST, 32),
    epoch: view.getBigUint64(abi.HEADER_EPOCH, true),
    bytes: part(0, abi.HEADER_BYTES),
  };
}
