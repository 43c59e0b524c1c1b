/**
 * libsodium's crypto_box_seal of 32 bytes, byte for byte:
 *
 *   sealed = E · tag · (m ^ key stream)                         32 + 16 + 32 bytes
 *   E      = X25519(e, 9), e fresh and secret, P the recipient's public key
 *   XSalsa20-Poly1305 under HSalsa20(X25519(e, P), 0), nonce = BLAKE2b-192(E · P)
 *
 * Its nonce needs no chance of its own, since e, and with it the key, is used once.
 */
import { blake2b } from "./blake2b.ts";
import { allZero } from "./equal.ts";
import { polyFinish, polyInit } from "./poly1305.ts";
import { hsalsa20, salsa20 } from "./salsa20.ts";
import { BOX_KEY, BOX_NONCE, CHACHA_BLOCK } from "./state.ts";
import { x25519 } from "./x25519.ts";

const TAG: u32 = 32;
const TEXT: u32 = 48;

/**
 * Writes 80 bytes at `out`, which overlap nothing. The ephemeral secret is clamped where it stands.
 * False, and the message was not read, where the recipient's point is of low order: anybody
 * could open what is sealed for it.
 */
export function sealBox(out: u32, message: u32, recipient: u32, secret: u32): bool {
  memory.fill(BOX_NONCE, 0, 32);
  store<u8>(BOX_NONCE, 9);
  x25519(out, secret, BOX_NONCE);
  x25519(BOX_KEY, secret, recipient);
  if (allZero(BOX_KEY, 32)) return false;
  store<u8>(BOX_NONCE, 0);
  hsalsa20(BOX_KEY, BOX_KEY, BOX_NONCE);
  // Both points stand side by side until tag and text are written over the second.
  memory.copy(out + TAG, recipient, 32);
  blake2b(BOX_NONCE, 24, out, 64, 0, 0);
  hsalsa20(BOX_KEY, BOX_KEY, BOX_NONCE);
  // The last eight bytes of the nonce, then zeros: the block counter.
  salsa20(BOX_KEY, BOX_NONCE + 16);
  polyInit(CHACHA_BLOCK);
  for (let i: u32 = 0; i < 32; i += 8) {
    store<u64>(out + i, load<u64>(message + i) ^ load<u64>(CHACHA_BLOCK + i, 32), TEXT);
  }
  polyFinish(out + TEXT, 32, out + TAG);
  return true;
}
