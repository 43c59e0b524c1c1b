/** All detectors of free text. */
import { ADDRESSES } from "./addresses.ts";
import type { Detector } from "./detector.ts";
import { BY_KEY } from "./keys.ts";
import { LOG_LINES } from "./log-lines.ts";
import { NETWORK } from "./network.ts";
import { NUMBERS } from "./numbers.ts";
import { ONLINE } from "./online.ts";
import { PEOPLE } from "./people.ts";
import { PHONES } from "./phones.ts";
import { POSITIONS } from "./positions.ts";
import { SERIALS } from "./serials.ts";
import { TOKENS } from "./tokens.ts";

export const DETECTORS: readonly Detector[] = [
  ...[...TOKENS, ...ONLINE, ...NUMBERS, ...PHONES, ...NETWORK, ...POSITIONS],
  ...[...ADDRESSES, ...PEOPLE, ...LOG_LINES, ...SERIALS, ...BY_KEY],
];
