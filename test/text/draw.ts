/** Draws digits and signs from a seed. */
import { between, pick, type Uniform } from "../../host/scenes/random.ts";

export const digits = (next: Uniform, count: number) =>
  Array.from({ length: count }, () => Math.floor(10 * next())).join("");
export const signs = (next: Uniform, alphabet: string, count: number) =>
  Array.from({ length: count }, () => pick(next, [...alphabet])).join("");
export const whole = (next: Uniform, low: number, high: number) =>
  Math.floor(between(next, low, high + 1));
export const LOWER = "abcdefghijklmnopqrstuvwxyz";
export const UPPER = LOWER.toUpperCase();
export const NUMERALS = "0123456789";
export const HEX = "0123456789abcdef";
