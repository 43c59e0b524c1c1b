/** ChaCha20, HChaCha20 and Poly1305 as their specifications read; slow, and plain to check. */

const rotl = (x: number, bits: number) => (x << bits) | (x >>> (32 - bits));

/** RFC 8439 §2.1 on words a, b, c, d of the state. */
function quarterRound(x: Uint32Array, a: number, b: number, c: number, d: number): void {
  const step = (to: number, from: number, target: number, bits: number) => {
    x[to] = x[to]! + x[from]!;
    x[target] = rotl(x[target]! ^ x[to]!, bits);
  };
  step(a, b, d, 16);
  step(c, d, b, 12);
  step(a, b, d, 8);
  step(c, d, b, 7);
}

/** Ten double rounds, RFC 8439 §2.3. */
function permute(input: Uint32Array): Uint32Array {
  const x = input.slice();
  for (let i = 0; i < 10; i++) {
    for (let column = 0; column < 4; column++) {
      quarterRound(x, column, 4 + column, 8 + column, 12 + column);
    }
    for (let column = 0; column < 4; column++) {
      const at = (shift: number) => (column + shift) % 4;
      quarterRound(x, column, 4 + at(1), 8 + at(2), 12 + at(3));
    }
  }
  return x;
}

const words = (...parts: Uint8Array[]) =>
  new Uint32Array(Uint8Array.from(Buffer.concat(parts)).buffer);
const CONSTANT = Buffer.from("expand 32-byte k");

/** RFC 8439 §2.4: src ^ key stream from block `counter` on. */
export function chacha20(
  key: Uint8Array,
  nonce: Uint8Array,
  counter: number,
  src: Uint8Array,
): Uint8Array {
  return src.map((byte, i) => {
    if (i % 64 === 0) block = chacha20Block(key, nonce, counter + i / 64);
    return byte ^ block[i % 64]!;
  });
}
let block: Uint8Array = new Uint8Array(64);

/** RFC 8439 §2.3. */
export function chacha20Block(key: Uint8Array, nonce: Uint8Array, counter: number): Uint8Array {
  const input = words(CONSTANT, key, new Uint8Array(4), nonce);
  input[12] = counter;
  const sum = permute(input).map((word, i) => word + input[i]!);
  return new Uint8Array(sum.buffer);
}

/** draft-irtf-cfrg-xchacha-03 §2.2. */
export function hchacha20(key: Uint8Array, nonce: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(permute(words(CONSTANT, key, nonce)).buffer);
  return Uint8Array.from([...bytes.slice(0, 16), ...bytes.slice(48)]);
}

const littleEndian = (bytes: Uint8Array) =>
  bytes.reduceRight((number, byte) => (number << 8n) | BigInt(byte), 0n);

/** RFC 8439 §2.5. */
export function poly1305(key: Uint8Array, message: Uint8Array): Uint8Array {
  const prime = (1n << 130n) - 5n;
  const r = littleEndian(key.slice(0, 16)) & 0x0ffffffc0ffffffc0ffffffc0fffffffn;
  const s = littleEndian(key.slice(16));
  let h = 0n;
  for (let at = 0; at < message.length; at += 16) {
    const part = message.slice(at, at + 16);
    h = ((h + littleEndian(part) + (1n << BigInt(8 * part.length))) * r) % prime;
  }
  const tag = h + s;
  return Uint8Array.from({ length: 16 }, (_, i) => Number((tag >> BigInt(8 * i)) & 0xffn));
}
