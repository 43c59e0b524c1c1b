/** The rules for texts and times that the ledger keeps. */
import { MapveilError } from "../core/errors.ts";
import { PermissionError } from "./permission-error.ts";

/** Longest texts in UTF-16 code units. */
export const ACT_LENGTH_MAX = 500;
export const POLICY_VERSION_LENGTH_MAX = 64;
export const CLIENT_LENGTH_MAX = 64;

/** 9999-12-31T23:59:59.999Z: four digits are all that RFC 3339 has for a year. */
const TIME_MS_MAX = 253_402_300_799_999;

/** Control characters, halves of surrogate pairs, line separators, reversals of direction. */
const FORBIDDEN = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u;

export const RECIPIENT_ID = /^[0-9a-f]{16}$/;
export const REQUEST_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Whether a text of 1 to `lengthMax` code units may stand in the ledger. */
export const isCleanText = (text: string, lengthMax: number): boolean =>
  text.trim().length > 0 && text.length <= lengthMax && !FORBIDDEN.test(text);

/** Throws TEXT_INVALID unless the text is left out or clean. */
export function checkText(text: string | undefined, lengthMax: number, field: string): void {
  if (text === undefined || isCleanText(text, lengthMax)) return;
  const message = `${field} must have 1 to ${lengthMax} characters, none of them a control character.`;
  throw new PermissionError("TEXT_INVALID", message, field);
}

export const isTime = (ms: number): boolean =>
  Number.isSafeInteger(ms) && ms >= 0 && ms <= TIME_MS_MAX;

/** Milliseconds since the Unix epoch as RFC 3339, UTC. */
export function timeText(ms: number): string {
  const whole = Math.floor(ms);
  if (isTime(whole)) return new Date(whole).toISOString();
  throw new MapveilError("UNAVAILABLE", "The robot's clock is not set to a time; set it first.");
}

/** Milliseconds of what timeText wrote; undefined for every other text. */
export function parseTime(text: string): number | undefined {
  const ms = Date.parse(text);
  return isTime(ms) && new Date(ms).toISOString() === text ? ms : undefined;
}
