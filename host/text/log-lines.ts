/** Values that well-known programs log at fixed places of their lines, without a key. */
import { byPattern, type Detector } from "./detector.ts";
import { SERVICE_USERS } from "./online.ts";

const isPerson = ([found]: RegExpExecArray) => !SERVICE_USERS.has(found.toLowerCase());

const COMPUTER = "[0-9A-Za-z][0-9A-Za-z_-]{0,62}";

export const LOG_LINES: readonly Detector[] = [
  // syslog (RFC 3164, 4.1.2, and as systemd prints ISO times): time, computer, program.
  byPattern(
    "host",
    new RegExp(
      `(?<=^(?:[A-Z][a-z]{2} [ \\d]\\d \\d\\d:\\d\\d:\\d\\d|\\d{4}-\\d\\d-\\d\\dT[\\d:.]{8,15}(?:Z|[-+]\\d\\d:?\\d\\d)) )${COMPUTER}(?= [\\w./@-]{1,48}(?:\\[\\d{1,8}\\])?:)`,
      "gm",
    ),
    ([found]) => found !== "localhost",
  ),
  byPattern("host", new RegExp(`(?<=[Hh]ostname (?:set|changed) to ["'<]?)${COMPUTER}`, "g")),
  // roslaunch names its log, and the address of its server, after the computer.
  byPattern("host", new RegExp(`(?<=roslaunch-)${COMPUTER}?(?=-\\d{1,8}\\.log)`, "g")),
  byPattern(
    "host",
    /(?<=(?<![A-Za-z])(?:https?|wss?|mqtts?|tcp|udp|ssh|rtsp|grpc|ftp):\/\/)[A-Za-z][0-9A-Za-z_-]{1,62}(?=[:/])/g,
    ([found]) => found !== "localhost",
  ),
  // sshd, PAM, sudo, systemd-logind, and servers that word it as they do.
  byPattern(
    "account",
    /(?<=(?:password|publickey|login|keyboard-interactive\/pam)(?: on \S{1,32})? for (?:invalid user |user )?)[A-Za-z_][0-9A-Za-z_.-]{0,31}(?= from )/g,
    isPerson,
  ),
  byPattern(
    "account",
    /(?<=(?:session|Session \w{1,8}|sudo|su)(?: (?:opened|closed))? (?:for|of) user )[A-Za-z_][0-9A-Za-z_.-]{0,31}/g,
    isPerson,
  ),
  byPattern("account", /(?<=sudo: {1,8})[a-z_][0-9a-z_.-]{0,31}(?= : )/g, isPerson),
  // Stable names of devices hold their serial numbers: maker_model_serial-interface.
  byPattern(
    "serial",
    /(?<=\/by-id\/[0-9A-Za-z]{2,8}-[0-9A-Za-z_.-]{1,80}_)[0-9A-Za-z]{4,32}(?=-|$|[\s"',)])/gm,
    ([found]) => /\d/.test(found),
  ),
];
