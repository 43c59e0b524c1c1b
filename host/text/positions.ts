/** Places on Earth: pairs of degrees in their notations, grids, sentences of receivers. */
import { before, behind, byPattern, type Detector } from "./detector.ts";

/** Degrees beyond this are rather of the Earth than metres of a home. */
const DEGREES_MIN = 30;

/** What stands before a pair of places of the Earth, and before one of a room. */
const EARTH =
  /(?:gps|geo|lat|lon|lng|latlng|wgs ?84|gcj-?02|bd-?09|location|coord(?:inate)?s?|坐标|经纬度|定位|位置)[^\n\d]{0,16}$/i;
const ROOM =
  /(?:pose|xy|point|size|cell|pixel|goal|odom|velocity|origin|offset|range|resolution|scale)[^\n\d]{0,12}$/i;

const PAIR = byPattern(
  "position",
  /(?<![\d.]|[\d.][eE]?[-+])[-+]?\d{1,3}\.\d{3,15}(?:[ ]?[,，;/][ ]?|[ ]{1,3})[-+]?\d{1,3}\.\d{3,15}(?![\d.])/g,
  (match) => {
    const [first, second] = match[0].split(/[ ,，;/]+/).map((part) => Math.abs(Number(part))) as [
      number,
      number,
    ];
    if (Math.min(first, second) > 90 || Math.max(first, second) > 180) return false;
    const context = before(match);
    if (EARTH.test(context)) return true;
    const decimals = match[0].split(/[ ,，;/]+/).map((part) => part.split(".")[1]!.length);
    // A third number makes it a point.
    const isPoint =
      /^[ ]?[,;]?[ ]?[-+]?\d+\.\d/.test(behind(match)) || /\d[ ]?[,;][ ]?$/.test(context);
    return (
      Math.min(...decimals) >= 4 &&
      Math.max(first, second) >= DEGREES_MIN &&
      !ROOM.test(context) &&
      !isPoint
    );
  },
);

const DEGREE = "[°º度]";
const MINUTE = "['′分]";
const SECOND = "(?:[\"″秒]|['′]{2})";
/** Degrees with minutes or a side of the world, or behind one. */
const DEGREES = byPattern(
  "position",
  new RegExp(
    `(?:[NSEW]|北纬|南纬|东经|西经)[ :]?\\d{1,3}(?:\\.\\d{1,12})?[ ]?${DEGREE}(?:[ ]?\\d{1,2}(?:\\.\\d{1,12})?[ ]?${MINUTE}(?:[ ]?\\d{1,2}(?:\\.\\d{1,12})?[ ]?${SECOND})?)?|` +
      `(?<![\\d.])\\d{1,3}(?:\\.\\d{1,12})?[ ]?${DEGREE}[ ]?\\d{1,2}(?:\\.\\d{1,12})?[ ]?${MINUTE}(?:[ ]?\\d{1,2}(?:\\.\\d{1,12})?[ ]?${SECOND})?(?:[ ]?[NSEW](?![A-Za-z]))?|` +
      `(?<![\\d.])-?\\d{1,3}(?:\\.\\d{1,12})?[ ]?${DEGREE}[ ]?[NSEW](?![A-Za-z])|` +
      "(?:北纬|南纬|东经|西经)[ :]?\\d{1,3}\\.\\d{2,12}|" +
      "(?<![0-9A-Za-z.])(?:[NSEW][ ]?\\d{1,3}\\.\\d{3,12}|\\d{1,3}\\.\\d{3,12}[ ]?[NSEW](?![0-9A-Za-z]))",
    "g",
  ),
);

export const POSITIONS: readonly Detector[] = [
  PAIR,
  DEGREES,
  // NMEA 0183: talker, sentence, fields, checksum; the fields go.
  byPattern(
    "position",
    /(?<=[$!](?:G[ABLNPQ]|BD|P)[A-Z]{3},)[0-9A-Za-z.,+-]{4,120}(?:\*[0-9A-Fa-f]{2})?/g,
  ),
  // The same without its first sign, as drivers of receivers log it.
  byPattern(
    "position",
    /(?<=(?<![A-Za-z$!])(?:G[ABLNPQ]|BD)(?:GGA|RMC|GLL|GNS|ZDA),)[0-9A-Za-z.,+-]{4,120}(?:\*[0-9A-Fa-f]{2})?/g,
  ),
  // RFC 5870.
  byPattern(
    "position",
    /(?<=(?<![A-Za-z])geo:)-?\d{1,3}(?:\.\d{1,15})?,-?\d{1,3}(?:\.\d{1,15})?(?:,-?\d{1,6}(?:\.\d{1,6})?)?/gi,
  ),
  // UTM: zone and band, easting of six digits, northing of seven.
  byPattern(
    "position",
    /(?<![0-9A-Za-z])(?:[1-9]|[1-5]\d|60)[ ]?[C-HJ-NP-X],?[ ](?:E[ :=]?)?[1-8]\d{5}(?:\.\d{1,6})?[ ]?m?[ ]?E?[ ,]{1,2}(?:N[ :=]?)?\d{7}(?:\.\d{1,6})?(?:[ ]?m?[ ]?N(?![A-Za-z]))?/g,
  ),
  // Military grid: zone, band, square, digits in two halves.
  byPattern(
    "position",
    /(?<![0-9A-Za-z])(?:[1-9]|[1-5]\d|60)[C-HJ-NP-X][ ]?[A-HJ-NP-Z][A-HJ-NP-V][ ]?(?:\d{10}|\d{8}|\d{5}[ ]\d{5}|\d{4}[ ]\d{4})(?![0-9A-Za-z])/g,
  ),
  // Open Location Code: 20 signs without those that look alike.
  byPattern(
    "position",
    /(?<![0-9A-Za-z+])[23456789CFGHJMPQRVWX]{4,8}\+[23456789CFGHJMPQRVWX]{2,3}(?![0-9A-Za-z])/g,
    ([found]) => /\d/.test(found) && /[A-Z]/.test(found),
  ),
];
