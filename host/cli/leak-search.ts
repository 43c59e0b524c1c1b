/**
 * Searches bytes for identifiers in every form in which programs usually write them. It proves that
 * a value is there; that it is nowhere in any form it cannot prove.
 */

/** What must not be found. Text, a whole number, or a real one (a coordinate, a time in seconds). */
export interface Identifier {
  readonly name: string;
  readonly value: string | bigint | number;
}

export interface Haystack {
  readonly name: string;
  readonly bytes: Uint8Array;
  /**
   * Looks random, as sealed bytes do: then short needles occur by chance (one of 4 bytes in every
   * 30,000 files of 128 KiB), and those below NEEDLE_BYTES_CIPHERTEXT are not searched.
   */
  readonly isCiphertext?: boolean;
}

export interface Hit {
  readonly identifier: string;
  readonly value: Identifier["value"];
  /** Such as "utf-16le" or "u32be". */
  readonly encoding: string;
  readonly haystack: string;
  /** Byte offset of the first place. */
  readonly offset: number;
}

/** One form of an identifier. */
export interface Needle {
  readonly encoding: string;
  readonly bytes: Uint8Array;
}

/** Shorter needles say nothing: they are everywhere. */
const NEEDLE_BYTES_MIN = 4;
const NEEDLE_BYTES_CIPHERTEXT = 6;

/**
 * Searches every identifier in every haystack. Identifiers that have no form of at least four bytes,
 * such as the number 7, are not searched.
 * @returns the first place of each form that was found, nothing if all is well
 */
export function searchLeaks(
  identifiers: readonly Identifier[],
  haystacks: readonly Haystack[],
): Hit[] {
  const hits: Hit[] = [];
  const buffers = haystacks.map(({ bytes }) =>
    Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
  );
  for (const identifier of identifiers) {
    for (const { encoding, bytes } of needlesOf(identifier.value)) {
      for (const [i, { name, isCiphertext }] of haystacks.entries()) {
        if (isCiphertext && bytes.length < NEEDLE_BYTES_CIPHERTEXT) continue;
        const offset = buffers[i]!.indexOf(bytes);
        if (offset < 0) continue;
        hits.push({
          identifier: identifier.name,
          value: identifier.value,
          encoding,
          haystack: name,
          offset,
        });
      }
    }
  }
  return hits;
}

/** Every form of a value that is searched, each once. */
export function needlesOf(value: Identifier["value"]): Needle[] {
  const needles =
    typeof value === "string"
      ? textNeedles(value)
      : typeof value === "bigint" || Number.isSafeInteger(value)
        ? integerNeedles(BigInt(value))
        : realNeedles(value);
  const seen = new Set<string>();
  return needles.filter(({ bytes }) => {
    const key = Buffer.from(bytes).toString("latin1");
    if (bytes.length < NEEDLE_BYTES_MIN || seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

/** The text, its bytes written as hexadecimal and base64, and the number or address that it writes. */
function textNeedles(text: string): Needle[] {
  const bytes = Buffer.from(text, "utf8");
  const needles = [
    ...plainNeedles("", text),
    { encoding: "utf-16be", bytes: Buffer.from(text, "utf16le").swap16() },
    ...encodedNeedles(bytes),
  ];
  if (/^[1-9][0-9]{4,18}$/.test(text)) needles.push(...binaryIntegers(BigInt(text)));
  const address = addressBytes(text);
  if (address !== undefined) {
    needles.push({ encoding: "address bytes", bytes: address });
    needles.push({ encoding: "address bytes, reversed", bytes: address.toReversed() });
  }
  return needles;
}

function plainNeedles(prefix: string, text: string): Needle[] {
  return [
    { encoding: `${prefix}utf-8`, bytes: Buffer.from(text, "utf8") },
    { encoding: `${prefix}utf-16le`, bytes: Buffer.from(text, "utf16le") },
  ];
}

/** Bytes as other text: hexadecimal, and base64 wherever in a base64 text they may begin. */
function encodedNeedles(bytes: Buffer): Needle[] {
  const hex = bytes.toString("hex");
  const needles: Needle[] = [
    { encoding: "hex", bytes: Buffer.from(hex) },
    { encoding: "HEX", bytes: Buffer.from(hex.toUpperCase()) },
  ];
  for (const alphabet of ["base64", "base64url"] as const) {
    for (let phase = 0; phase < 3; phase++) {
      const padded = Buffer.concat([Buffer.alloc(phase), bytes]);
      // Characters that also depend on the bytes before or behind are left out.
      const from = Math.ceil((phase * 8) / 6);
      const to = Math.floor((padded.length * 8) / 6);
      const text = padded.toString(alphabet).slice(from, to);
      needles.push({ encoding: `${alphabet}, phase ${phase}`, bytes: Buffer.from(text) });
    }
  }
  return needles;
}

function integerNeedles(value: bigint): Needle[] {
  const magnitude = value < 0n ? -value : value;
  // Numbers below 2^16 are too common to identify anything.
  if (magnitude < 65536n) return [];
  return [...plainNeedles("decimal ", value.toString()), ...binaryIntegers(value)];
}

/**
 * In as many bytes as the number needs, at least four, in both orders: so it is also found where it
 * stands in more bytes, or in a packed field of 5, 6 or 7.
 */
function binaryIntegers(value: bigint): Needle[] {
  const unsigned = BigInt.asUintN(64, value);
  const big = Buffer.alloc(8);
  big.writeBigUInt64BE(unsigned);
  const zeros = big.findIndex((byte) => byte !== 0);
  const bytes = big.subarray(Math.min(4, Math.max(0, zeros)));
  const bits = 8 * bytes.length;
  return [
    { encoding: `u${bits}be`, bytes: Buffer.from(bytes) },
    { encoding: `u${bits}le`, bytes: Buffer.from(bytes).reverse() },
    { encoding: `u${bits} hex`, bytes: Buffer.from(unsigned.toString(16)) },
    { encoding: `u${bits} HEX`, bytes: Buffer.from(unsigned.toString(16).toUpperCase()) },
    ...realNeedles(Number(value)).filter(({ encoding }) => encoding.startsWith("f64")),
  ];
}

function realNeedles(value: number): Needle[] {
  if (value === 0 || !Number.isFinite(value)) return [];
  const f64 = Buffer.alloc(8);
  f64.writeDoubleLE(value);
  const needles = [
    { encoding: "f64le", bytes: f64 },
    { encoding: "f64be", bytes: Buffer.from(f64).reverse() },
  ];
  // Whole numbers and halves are ordinary as f32; a longer fraction identifies.
  if (Number.isInteger(value * 1024)) return needles;
  const f32 = Buffer.alloc(4);
  f32.writeFloatLE(value);
  return [
    ...needles,
    { encoding: "f32le", bytes: f32 },
    { encoding: "f32be", bytes: Buffer.from(f32).reverse() },
    ...plainNeedles("decimal ", String(value)),
  ];
}

/** The bytes of an IPv4 or MAC address; undefined if the text is neither, or names no device. */
function addressBytes(text: string): Buffer | undefined {
  const parts = text.split(".").map(Number);
  const isIp = /^\d{1,3}(\.\d{1,3}){3}$/.test(text) && parts.every((part) => part < 256);
  // Loopback and unspecified addresses name no device, and their few bits are everywhere.
  if (isIp) return parts[0] === 127 || parts[0] === 0 ? undefined : Buffer.from(parts);
  if (!/^[0-9a-f]{2}([:-][0-9a-f]{2}){5}$/i.test(text)) return undefined;
  return Buffer.from(text.replaceAll(/[:-]/g, ""), "hex");
}
