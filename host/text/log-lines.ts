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
  // A DHCP server says whom it gave an address.
  byPattern(
    "host",
    new RegExp(
      `(?<=DHCP(?:ACK|OFFER|REQUEST|INFORM)\\([^()]{1,16}\\) \\S{7,45} \\S{12,23} )${COMPUTER}`,
      "g",
    ),
  ),
  byPattern("host", new RegExp(`(?<=giving name )${COMPUTER}`, "g")),
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
  byPattern(
    "account",
    /(?<=(?<![A-Za-z])[Uu]ser ["']?)[A-Za-z_][0-9A-Za-z_.-]{1,31}(?=["']? (?:logged|signed|connected|disconnected|authenticated|was added|was removed) )/g,
    isPerson,
  ),
  byPattern(
    "account",
    /(?<= as user ["']?)[A-Za-z_][0-9A-Za-z_.-]{1,31}(?=["']? \(uid)/g,
    isPerson,
  ),
  // Access logs of web servers (Common Log Format).
  byPattern(
    "account",
    /(?<= - )[0-9A-Za-z_.@-]{2,64}(?= \[\d\d\/[A-Z][a-z]{2}\/\d{4}:)/g,
    isPerson,
  ),
  // The list of devices of the Android debug bridge.
  byPattern("serial", /^[0-9A-Za-z-]{6,32}(?=\t(?:device|unauthorized|offline)$)/gm),
  // Stable names of devices hold their serial numbers: maker_model_serial-interface.
  byPattern(
    "serial",
    /(?<=\/by-id\/[0-9A-Za-z]{2,8}-[0-9A-Za-z_.-]{1,80}_)[0-9A-Za-z]{4,32}(?=-|$|[\s"',)])/gm,
    ([found]) => /\d/.test(found),
  ),
];
