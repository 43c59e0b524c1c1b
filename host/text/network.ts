/** Addresses of network interfaces and of computers, and their names. */
import { isIPv4, isIPv6 } from "node:net";
import { before, behind, byPattern, type Detector, type Judge } from "./detector.ts";

/** Behind these words stand hashes and numbers of software. */
const SOFTWARE =
  /(?:commit|git|rev|revision|build|sha1?|提交|构建|编译)(?:[ _-]?(?:id|hash|号))?["'\s:=@#(/-]{0,4}$/i;
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

/** Words right before four numbers with dots that are a version, and what stands behind one. */
const VERSION_BEFORE =
  /(?:(?<![A-Za-z])(?:v|ver|vers|versions?|firmware|fw|sdk|driver|release|rel|build|bios|kernel|app|software|sw|hw)|版本号?[是为]?|固件|驱动|软件)["']?[\s:=.]{0,3}$|[a-z]-$/i;
const VERSION_BEHIND = /^(?:-(?:rc|beta|alpha|r|build)|\+|_[a-z])/i;
/** Somewhere before a version, and before an address now and then. */
const UPDATE = /update|upgrade|downgrade|version|firmware|release|版本|升级|更新|固件/i;

const isIPv4Address: Judge = (match) => {
  const [found] = match;
  if (!isIPv4(found.replaceAll(/(?<!\d)0+(?=\d)/g, ""))) return false;
  // Loopback, "this network", masks and broadcast are the same everywhere.
  if (/^(?:127|0+|255)\./.test(found)) return false;
  // No version begins as the addresses of homes do (RFC 1918, RFC 3927).
  if (/^(?:192\.168|172\.(?:1[6-9]|2\d|3[01])|169\.254)\./.test(found)) return true;
  if (VERSION_BEFORE.test(before(match)) || VERSION_BEHIND.test(behind(match, 8))) return false;
  // Versions begin low, other addresses of homes with 10, and few of the rest below 30.
  const isLow = Number.parseInt(found, 10) < 30 && !found.startsWith("10.");
  return !(isLow && UPDATE.test(before(match, 48) + behind(match, 12)));
};

/** An IPv6 address in any spelling (RFC 4291, 2.2; RFC 5952), but for loopback and "any". */
const isIPv6Address: Judge = ({ 0: found, index }) => {
  // A colon at the end is the sentence's, unless it is one of two.
  const address = isIPv6(found) ? found : found.replace(/:$/, "");
  // Names of C++ have two colons, too.
  const isNumber = DECIMAL.test(address) || /(?:[0-9a-f]+:+){3}/i.test(address);
  if (!isNumber || !isIPv6(address) || /^[0:]+(?::0*1)?$/.test(address)) return false;
  return { from: index, to: index + address.length };
};

const IPS: readonly Detector[] = [
  byPattern("ip", /(?<!\d|\d\.)\d{1,3}(?:\.\d{1,3}){3}(?!\d|\.\d)/g, isIPv4Address),
  byPattern(
    "ip",
    /(?<![0-9A-Za-z:.])[0-9A-Fa-f:]{2,40}(?:\.\d{1,3}){0,3}(?![0-9A-Za-z])/g,
    isIPv6Address,
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

/** People name computers in their language; Chinese words before a name are none of it. */
const HOST_SIGN = "\\p{Script=Latin}\\d_-";

const HOSTS: readonly Detector[] = [
  byPattern(
    "host",
    new RegExp(
      `(?<![.${HOST_SIGN}])[${HOST_SIGN}](?:[${HOST_SIGN}]{0,62}\\.){1,4}(?:${HOST_ENDINGS})(?![0-9A-Za-z_]|[.-][0-9A-Za-z])`,
      "giu",
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
