/** The few forms of DER that a certificate is made of. */

const ONE_BYTE_LENGTH_MAX = 127;

/** A value with its tag and length. */
export function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  if (content.length <= ONE_BYTE_LENGTH_MAX) {
    return Buffer.concat([Buffer.from([tag, content.length]), content]);
  }
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length);
  const digits = length.subarray(length.findIndex((byte) => byte !== 0));
  return Buffer.concat([Buffer.from([tag, 0x80 | digits.length]), digits, content]);
}

export const sequence = (...parts: readonly Uint8Array[]) => der(0x30, ...parts);
export const setOf = (...parts: readonly Uint8Array[]) => der(0x31, ...parts);
export const octets = (bytes: Uint8Array) => der(0x04, bytes);
/** Bits, all of whole bytes but for `unused` ones at the end. */
export const bits = (bytes: Uint8Array, unused = 0) => der(0x03, Buffer.from([unused]), bytes);
export const truth = () => der(0x01, Buffer.from([0xff]));
export const text = (value: string) => der(0x0c, Buffer.from(value, "utf8"));
/** Part `number` of a structure: made of others, or plain bytes. */
export const tagged = (number: number, ...parts: readonly Uint8Array[]) =>
  der(0xa0 | number, ...parts);
export const taggedBytes = (number: number, bytes: Uint8Array) => der(0x80 | number, bytes);

/** A number that is not negative, from its bytes. */
export function integer(bytes: Uint8Array): Buffer {
  const from = bytes.findIndex((byte) => byte !== 0);
  const digits = from < 0 ? new Uint8Array(1) : bytes.subarray(from);
  const sign = digits[0]! >= 0x80 ? new Uint8Array(1) : new Uint8Array(0);
  return der(0x02, sign, digits);
}

/** An object identifier such as "2.5.29.17". */
export function oid(dotted: string): Buffer {
  const [first, second, ...rest] = dotted.split(".").map(Number);
  const bytes = [first! * 40 + second!];
  for (const number of rest) {
    const groups = [number & 0x7f];
    for (let high = number >>> 7; high > 0; high >>>= 7) groups.unshift((high & 0x7f) | 0x80);
    bytes.push(...groups);
  }
  return der(0x06, Buffer.from(bytes));
}

/** A moment to the second: with two digits for the year before 2050, as X.509 wants it. */
export function time(date: Date): Buffer {
  const digits = `${date.toISOString().replaceAll(/[-:T]|\.\d+/g, "")}`;
  return date.getUTCFullYear() < 2050
    ? der(0x17, Buffer.from(digits.slice(2)))
    : der(0x18, Buffer.from(digits));
}
