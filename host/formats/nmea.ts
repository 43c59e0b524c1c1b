/** Position and time of NMEA 0183 sentences, as GPS receivers send them. */

export interface NmeaFacts {
  /** Latitude and longitude in degrees, north and east positive: "36.8291309, -2.4075715". */
  readonly position?: string;
  /** ISO 8601, UTC; only sentences with a date have it. */
  readonly time?: string;
}

/** Field numbers of latitude in the sentences that have one; N/S, longitude and E/W follow. */
const LATITUDE_FIELD: Readonly<Record<string, number>> = { RMC: 3, GGA: 2, GLL: 1, GNS: 2 };
/** 1e-7 of a degree is a centimetre. */
const DEGREE_DIGITS = 7;

/** What one sentence says; fields that are empty or damaged say nothing. */
export function readNmea(sentence: string): NmeaFacts {
  const fields = sentence.split("*", 1)[0]!.split(",");
  const kind = fields[0]!.slice(3);
  const at = LATITUDE_FIELD[kind];
  const position = at === undefined ? undefined : positionOf(fields, at);
  const time = kind === "RMC" ? timeOf(fields[9] ?? "", fields[1] ?? "") : undefined;
  return { ...(position !== undefined && { position }), ...(time !== undefined && { time }) };
}

function positionOf(fields: readonly string[], at: number): string | undefined {
  const latitude = degreesOf(fields[at], fields[at + 1] === "S");
  const longitude = degreesOf(fields[at + 2], fields[at + 3] === "W");
  if (latitude === undefined || longitude === undefined) return undefined;
  return `${latitude.toFixed(DEGREE_DIGITS)}, ${longitude.toFixed(DEGREE_DIGITS)}`;
}

/** dddmm.mmmm: degrees, then minutes with two digits before the point. */
function degreesOf(text: string | undefined, isNegative: boolean): number | undefined {
  const parts = /^(\d{1,3})(\d\d(?:\.\d{1,12})?)$/.exec(text ?? "");
  if (parts === null) return undefined;
  const degrees = Number(parts[1]) + Number(parts[2]) / 60;
  return isNegative ? -degrees : degrees;
}

/** ddmmyy and hhmmss.ss; years count from 2000, for lidars are younger than that. */
function timeOf(date: string, time: string): string | undefined {
  const day = /^(\d\d)(\d\d)(\d\d)$/.exec(date);
  const clock = /^(\d\d)(\d\d)(\d\d)(?:\.\d*)?$/.exec(time);
  if (day === null || clock === null) return undefined;
  return `20${day[3]}-${day[2]}-${day[1]}T${clock[1]}:${clock[2]}:${clock[3]}Z`;
}
