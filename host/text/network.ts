/** Addresses of network interfaces and of computers, and their names. */
import { isIPv4, isIPv6 } from "node:net";
import { before, behind, byPattern, type Detector, type Judge } from "./detector.ts";

/** Behind these words stand hashes and numbers of software. */
const SOFTWARE =
  /(?:commit|git|rev|revision|build|sha1?|提交|构建|编译)(?:[ _-]?(?:id|hash|号))?["'\s:=@#(-]{0,4}$/i;
/** As "git describe" writes a commit: v2.1-3-g1a2b3c4d5e6f. */
const DESCRIBED = /-g$/;

/** Whether a hash names a version of software: thousands of robots have the same. */
export function isOfSoftware(match: RegExpExecArray): boolean {
  const context = before(match);
  return SOFTWARE.test(context) || DESCRIBED.test(context);
}

const HEX_LETTER = /[A-Fa-f]/;
const DECIMAL = /\d/;

const MACS: readonly Detector[] = [
  // Six pairs, eight of an EUI-64, or more, as of fingerprints of certificates.
  byPattern(
    "mac",
    /(?<![0-9A-Za-z]|[0-9A-Fa-f]{2}[:-])[0-9A-Fa-f]{2}([:-])(?:[0-9A-Fa-f]{2}\1){4,}[0-9A-Fa-f]{2}(?![0-9A-Za-z])/g,
  ),
  // Without zeros in front, as macOS and Solaris print it.
  byPattern(
    "mac",
    /(?<![0-9A-Za-z:])[0-9A-Fa-f]{1,2}(?::[0-9A-Fa-f]{1,2}){5}(?![0-9A-Za-z:])/g,
    ([found]) => HEX_LETTER.test(found),
  ),
  byPattern(
    "mac",
    /(?<![0-9A-Za-z]|[0-9A-Za-z]\.)[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}(?![0-9A-Za-z]|\.[0-9A-Za-z])/g,
    ([found]) => HEX_LETTER.test(found),
  ),
  byPattern(
    "mac",
    /(?<![0-9A-Za-z])[0-9A-Fa-f]{12}(?![0-9A-Za-z])/g,
    (match) => HEX_LETTER.test(match[0]) && !isOfSoftware(match),
  ),
];

/** Words before four numbers with dots that are a version, and what of a version stands behind it. */
const VERSION_BEFORE =
  /(?:(?<![A-Za-z])(?:v|ver|vers|version|versions|firmware|fw|sdk|driver|release|rel|build|bios|kernel|app|software|sw|hw|update[ds]?|upgrade[ds]?|from|to)|版本号?|固件|驱动|软件|升级到|升级至|更新到|更新至)["']?[\s:=.]{0,3}$|[a-z]-$/i;
const ADDRESS_BEFORE = /(?:ip|addr|address|地址)["']?[\s:=]{0,3}(?:to|from)?\s?$/i;
const VERSION_BEHIND = /^(?:-(?:rc|beta|alpha|r|build)|\+|_[a-z])/i;

const isIPv4Address: Judge = (match) => {
  const [found] = match;
  if (!isIPv4(found.replaceAll(/(?<!\d)0+(?=\d)/g, ""))) return false;
  // Loopback, "this network", masks and broadcast are the same everywhere.
  if (/^(?:127|0+|255)\./.test(found)) return false;
  const context = before(match);
  if (VERSION_BEHIND.test(behind(match, 8))) return false;
  return ADDRESS_BEFORE.test(context) || !isVersion(context, found);
};

/** "from" and "to" stand before versions and addresses alike; numbers up to 30 are rather versions. */
function isVersion(context: string, found: string): boolean {
  if (!VERSION_BEFORE.test(context)) return false;
  const isPlace = /(?:from|to)\s*$/i.test(context);
  return !isPlace || (found.split(".").every((part) => Number(part) <= 30) && !/^10\./.test(found));
}

const IPS: readonly Detector[] = [
  byPattern("ip", /(?<!\d|\d\.)\d{1,3}(?:\.\d{1,3}){3}(?!\d|\.\d)/g, isIPv4Address),
  byPattern(
    "ip",
    /(?<![0-9A-Za-z:.])[0-9A-Fa-f:]{2,39}(?:\.\d{1,3}){0,3}(?![0-9A-Za-z])/g,
    (match) => {
      // A colon or a dot at the end is the sentence's.
      const found = match[0].replace(/(?<=[^:]):$/, "");
      const isNamed =
        DECIMAL.test(found) || found.split(":").filter((part) => part !== "").length > 3;
      if (!isNamed || !isIPv6(found) || /^[0:]+(?::0*1)?$/.test(found)) return false;
      return { from: match.index, to: match.index + found.length };
    },
  ),
];

/** Endings of names that hold in one home or one company alone, and of dynamic names of homes. */
const HOST_ENDINGS =
  "local|lan|home|localdomain|home\\.arpa|internal|intranet|fritz\\.box|ts\\.net|" +
  "duckdns\\.org|dyndns\\.org|ddns\\.net|no-ip\\.(?:org|biz|com)|hopto\\.org|zapto\\.org|myds\\.me|" +
  "synology\\.me|myqnapcloud\\.com|asuscomm\\.com|tplinkdns\\.com|myfritz\\.net|3322\\.org|vicp\\.net|" +
  "xicp\\.net|f3322\\.net|sn\\.mynetname\\.net|tunnel\\.sh";
/** Names before ".local" that are no computer's. */
const NO_HOST =
  /^(?:localhost|settings|config|env|rc|conf|app|usr|std|this|self|values|docker-compose)\./i;

const HOSTS: readonly Detector[] = [
  byPattern(
    "host",
    new RegExp(
      `(?<![0-9A-Za-z_.-])[0-9A-Za-z_](?:[0-9A-Za-z_-]{0,62}\\.){1,4}(?:${HOST_ENDINGS})(?![0-9A-Za-z_]|[.-][0-9A-Za-z])`,
      "gi",
    ),
    ([found]) => !NO_HOST.test(found),
  ),
  // Names that systems make up at setup, and those of people's things.
  byPattern("host", /(?<![0-9A-Za-z])(?:DESKTOP|LAPTOP|WIN|PC)-[0-9A-Z]{5,12}(?![0-9A-Za-z])/g),
  byPattern("host", /(?<![0-9A-Za-z])ip(?:-\d{1,3}){4}(?!\d)/g),
  byPattern(
    "host",
    /(?<![\p{L}\d-])\p{Lu}[\p{L}\d]{1,24}(?:s|-s|'s)?[- ](?:MacBook|iPhone|iPad|iMac|Mac-mini|Laptop|Desktop|PC|Galaxy|Pixel)(?:-(?:Pro|Air|Max|Mini|\d{1,3}))*(?![\p{L}\d])/gu,
    ([found]) =>
      /s[- ]|-/.test(found) &&
      !/^(?:The|This|My|Your|A|An|New|Apple|Windows|Gaming)[- ]/.test(found),
  ),
];

export const NETWORK: readonly Detector[] = [...MACS, ...IPS, ...HOSTS];
