/** How programs write numbers: integers of every width and order, decimals of SIM cards, reals. */
import { bothEnds, type Needle, textNeedle } from "./identifier.ts";

/** Digits after the point with which programs print coordinates. */
const DECIMALS = [3, 4, 5, 6, 7, 8] as const;
/** Fewer significant digits of a rounded coordinate are in many texts by chance. */
const SIGNIFICANT_DIGITS_MIN = 7;

function decimal(prefix: string, text: string): Needle[] {
  return [
    textNeedle(`${prefix}utf-8`, text),
    { encoding: `${prefix}utf-16le`, bytes: Buffer.from(text, "utf16le") },
  ];
}

/** A whole number as text and as bytes. Numbers below 2^16 are too common to identify anything. */
export function integerForms(value: bigint): Needle[] {
  const magnitude = value < 0n ? -value : value;
  if (magnitude < 65536n) return [];
  return [...decimal("decimal ", value.toString()), ...binaryIntegers(value)];
}

/**
 * In as many bytes as the number needs, at least four, in both orders: so it is also found where it
 * stands in more bytes, or in a packed field of 5, 6 or 7.
 */
export function binaryIntegers(value: bigint): Needle[] {
  const unsigned = BigInt.asUintN(64, value);
  const big = Buffer.alloc(8);
  big.writeBigUInt64BE(unsigned);
  const zeros = big.findIndex((byte) => byte !== 0);
  const bytes = big.subarray(Math.min(4, Math.max(0, zeros)));
  const bits = 8 * bytes.length;
  return [
    ...bothEnds(`u${bits}`, Uint8Array.from(bytes)),
    textNeedle(`u${bits} hex`, unsigned.toString(16)),
    textNeedle(`u${bits} HEX`, unsigned.toString(16).toUpperCase()),
    ...doubles(Number(value)),
  ];
}

/**
 * Two digits a byte, the first in the high nibble (packed BCD) or in the low one, as the IMSI and the
 * IMEI stand on a SIM (3GPP TS 31.102, 4.2.2). A digit alone in its byte shares it with something
 * else, so it is left out: every alignment is searched by whole bytes.
 */
export function digitForms(digits: string): Needle[] {
  return [0, 1].flatMap((phase) => {
    const whole = digits.slice(phase, phase + 2 * Math.floor((digits.length - phase) / 2));
    const packed = Buffer.from(whole, "hex");
    const swapped = packed.map((byte) => ((byte & 15) << 4) | (byte >> 4));
    return [
      { encoding: `BCD, phase ${phase}`, bytes: packed },
      { encoding: `BCD swapped, phase ${phase}`, bytes: swapped },
    ];
  });
}

function doubles(value: number): Needle[] {
  const big = Buffer.alloc(8);
  big.writeDoubleBE(value);
  return bothEnds("f64", big);
}

/** Digits between the zeros at both ends. */
const significantDigits = (text: string): number =>
  text
    .replace(/^[-0.]+/, "")
    .replace(/0+$/, "")
    .replace(".", "").length;

/** A real number: float, double, decimal text, and as positioning receivers write coordinates. */
export function realForms(value: number): Needle[] {
  if (value === 0 || !Number.isFinite(value)) return [];
  const needles = doubles(value);
  // Whole numbers and halves are ordinary as f32; a longer fraction identifies.
  if (Number.isInteger(value * 1024)) return needles;
  const single = Buffer.alloc(4);
  single.writeFloatBE(value);
  needles.push(...bothEnds("f32", single), ...decimal("decimal ", String(value)));
  for (const digits of DECIMALS) {
    const text = value.toFixed(digits);
    if (significantDigits(text) >= SIGNIFICANT_DIGITS_MIN) {
      needles.push(textNeedle(`decimal, ${digits} places`, text));
    }
  }
  return Math.abs(value) <= 180 ? [...needles, ...degreeForms(value)] : needles;
}

/** Degrees in units of 1e-7, as receivers and MAVLink send them, and as NMEA 0183 writes them. */
function degreeForms(degrees: number): Needle[] {
  const scaled = Math.round(degrees * 1e7);
  // Small angles are small numbers, which are everywhere.
  if (Math.abs(scaled) < 2 ** 24) return [];
  const big = Buffer.alloc(4);
  big.writeInt32BE(scaled);
  const whole = Math.floor(Math.abs(degrees));
  const minutes = (60 * (Math.abs(degrees) - whole)).toFixed(4).padStart(7, "0");
  return [...bothEnds("1e-7 degrees i32", big), textNeedle("NMEA degrees", `${whole}${minutes}`)];
}
