/**
 * Entry of a test module: parts of the seal with as many parameters as the exports of the core have,
 * so that it becomes C as the core does. Their bytes stand in INPUT, see constant-time.c.
 */
import { INPUT_PTR } from "../../assembly/memory.ts";
import { blake2b } from "../../assembly/seal/blake2b.ts";
import { sealBox } from "../../assembly/seal/box.ts";
import { streamInit, streamPush } from "../../assembly/seal/secretstream.ts";
import { x25519 } from "../../assembly/seal/x25519.ts";

/** Kept because the translation to C expects a module with a global, as the core is. */
let asked: u32 = 0;

export function scratch(): u32 {
  return INPUT_PTR + (asked++ & 1) * 64;
}

/** out = scalar * point */
export function multiply(out: u32, scalar: u32, point: u32): u32 {
  x25519(out, scalar, point);
  return 0;
}

/** Seals 32 bytes at `message`; the recipient's key and the ephemeral secret stand behind them. */
export function box(out: u32, message: u32): u32 {
  return sealBox(out, message, message + 32, message + 64) ? 1 : 0;
}

/** Seals `bytes` at `text` under the key and stream header at `key`, as two messages, the second FINAL. */
export function stream(text: u32, bytes: u32, key: u32): u32 {
  const out = text + bytes;
  streamInit(key, key + 32);
  streamPush(out, text, bytes, key + 32, 24, 0);
  streamPush(out, text, bytes, key + 32, 24, 3);
  return out;
}

/** Digest of `bytes` at `text` under the key of 32 bytes before them. */
export function hash(out: u32, text: u32, bytes: u32): u32 {
  blake2b(out, 32, text, bytes, text - 32, 32);
  return 0;
}
