/** Values that machines have: numbers, addresses, tokens, places. */
import { between, pick, type Uniform } from "../../host/scenes/random.ts";
import { digits, HEX, LOWER, NUMERALS, signs, UPPER, whole } from "./draw.ts";

/** Appends the digit that makes every second digit from the right, doubled, a sum that ends with 0. */
export function withLuhn(number: string): string {
  const even = [0, 2, 4, 6, 8, 1, 3, 5, 7, 9];
  let sum = 0;
  [...number].reverse().forEach((digit, i) => {
    sum += i % 2 === 0 ? even[Number(digit)]! : Number(digit);
  });
  return number + ((10 - (sum % 10)) % 10);
}

export function imei(next: Uniform): string {
  const number = withLuhn(pick(next, ["35", "86", "01", "99"]) + digits(next, 12));
  const at = (...cuts: number[]) => cuts.map((cut, i) => number.slice(cuts[i - 1] ?? 0, cut));
  return pick(next, [
    ...[number, number, number],
    at(2, 8, 14, 15).join("-"),
    at(6, 8, 14, 15).join(" "),
    at(6, 8, 14, 15).join("-"),
  ]);
}

export const hexPairs = (next: Uniform, count: number) =>
  Array.from({ length: count }, () => signs(next, HEX, 2));

export function mac(next: Uniform): string {
  const pairs = hexPairs(next, 6);
  // A quarter of all makers' addresses has a letter in no pair; without a sign between, that is a number.
  if (!/[a-f]/.test(pairs.join(""))) pairs[5] = "c4";
  const text = pick(next, [
    pairs.join(":"),
    pairs.join("-"),
    pairs.join("").replace(/(.{4})(.{4})/, "$1.$2."),
    pairs.join(""),
  ]);
  return next() < 0.4 ? text.toUpperCase() : text;
}

export function ipv4(next: Uniform): string {
  const end = () => whole(next, 1, 254);
  return pick(next, [
    `192.168.${whole(next, 0, 50)}.${end()}`,
    `10.${whole(next, 0, 255)}.${whole(next, 0, 255)}.${end()}`,
    `172.${whole(next, 16, 31)}.${whole(next, 0, 255)}.${end()}`,
    `${whole(next, 11, 120)}.${whole(next, 0, 255)}.${whole(next, 0, 255)}.${end()}`,
    `169.254.${whole(next, 0, 255)}.${end()}`,
  ]);
}

export function ipv6(next: Uniform): string {
  const group = () => signs(next, "123456789abcdef", 1) + signs(next, HEX, whole(next, 0, 3));
  const groups = (count: number) => Array.from({ length: count }, group).join(":");
  const text = pick(next, [
    `fe80::${groups(4)}`,
    `2001:db8:${groups(2)}::${group()}`,
    `240e:${groups(7)}`,
    `2a02:${groups(3)}::`,
    `fd${signs(next, HEX, 2)}:${groups(2)}::${groups(2)}`,
    `::ffff:${ipv4(next)}`,
    `2001:0db8:0000:0000:${groups(2)}:0000:${group()}`,
    `64:ff9b::${ipv4(next)}`,
  ]);
  return next() < 0.3 ? text.toUpperCase() : text;
}

export function jwt(next: Uniform): string {
  const part = (text: string) => Buffer.from(text).toString("base64url");
  const header = part(JSON.stringify({ alg: pick(next, ["HS256", "RS256", "EdDSA"]), typ: "JWT" }));
  const body = part(
    JSON.stringify({ sub: digits(next, 9), exp: 1_700_000_000 + whole(next, 0, 9e7) }),
  );
  return `${header}.${body}.${base64url(next, 43)}`;
}

export const base64url = (next: Uniform, count: number) =>
  signs(next, `${LOWER}${UPPER}${NUMERALS}-_`, count);

export function uuid(next: Uniform): string {
  const text = [8, 4, 4, 4, 12].map((count) => signs(next, HEX, count)).join("-");
  return next() < 0.3 ? text.toUpperCase() : text;
}

/** Android ID, MD5, OpenUDID, SHA-256. */
export function hex(next: Uniform): string {
  return signs(next, HEX, pick(next, [16, 32, 40, 64])).replace(/^../, "a7");
}

export function base64(next: Uniform): string {
  const bytes = Uint8Array.from({ length: whole(next, 18, 48) }, () => Math.floor(256 * next()));
  return Buffer.from(bytes).toString(next() < 0.5 ? "base64" : "base64url");
}

export const latitude = (next: Uniform) => between(next, 18, 58);
export const longitude = (next: Uniform) => between(next, -120, 140);

export function pair(next: Uniform): string {
  const places = whole(next, 4, 7);
  const [lat, lon] = [
    latitude(next).toFixed(places),
    (next() < 0.5 ? between(next, 35, 140) : between(next, -122, -65)).toFixed(places),
  ];
  return pick(next, [`${lat}, ${lon}`, `${lat},${lon}`, `${lat} ${lon}`]);
}

/** An angle as degrees and minutes, or with seconds, with its side of the world. */
export function sexagesimal(angle: number, sides: string, next: Uniform): string {
  const [abs, side] = [Math.abs(angle), angle < 0 ? sides[1] : sides[0]];
  const deg = Math.floor(abs);
  const min = (abs - deg) * 60;
  const sec = (min % 1) * 60;
  return next() < 0.5
    ? `${deg}°${Math.floor(min)}'${sec.toFixed(1)}"${side}`
    : `${deg}° ${min.toFixed(3)}' ${side}`;
}

export function dms(next: Uniform): string {
  return next() < 0.5
    ? sexagesimal(latitude(next), "NS", next)
    : sexagesimal(longitude(next), "EW", next);
}

export function dmsZh(next: Uniform): string {
  const [deg, min, sec] = [whole(next, 18, 53), whole(next, 0, 59), whole(next, 0, 59)];
  return pick(next, [
    `北纬${deg}°${min}′${sec}″`,
    `东经${deg + 60}度${min}分${sec}秒`,
    `北纬${deg}.${digits(next, 4)}°`,
  ]);
}

/** What stands behind the name of the sentence; sum of all signs but "$" is its checksum. */
export function nmea(next: Uniform): string {
  const body = `${digits(next, 6)}.00,${whole(next, 10, 80)}${whole(next, 10, 59)}.${digits(next, 4)},N,0${whole(next, 10, 99)}${whole(next, 10, 59)}.${digits(next, 4)},E,1,08,0.9,${whole(next, 3, 900)}.4,M,46.9,M,,`;
  let sum = 0;
  for (const sign of `GPGGA,${body}`) sum ^= sign.charCodeAt(0);
  return `${body}*${sum.toString(16).toUpperCase().padStart(2, "0")}`;
}

export function utm(next: Uniform): string {
  const [zone, band] = [whole(next, 10, 55), pick(next, ["U", "T", "S", "R"])];
  const [east, north] = [whole(next, 250_000, 700_000), whole(next, 2_500_000, 6_000_000)];
  return pick(next, [
    `${zone}${band} ${east} ${north}`,
    `${zone}${band} ${east}mE ${north}mN`,
    `${zone} ${band} ${east}.4 ${north}.1`,
  ]);
}

export function serial(next: Uniform): string {
  return pick(next, [
    `99${pick(next, ["1", "2"])}${digits(next, 9)}`,
    `H${digits(next, 7)}`,
    `SN${digits(next, 4)}${signs(next, UPPER, 2)}${digits(next, 6)}`,
    `${signs(next, UPPER, 3)}-${digits(next, 4)}-${signs(next, UPPER + NUMERALS, 5)}${digits(next, 1)}`,
    `R${signs(next, UPPER + NUMERALS, 10)}${digits(next, 3)}`,
  ]);
}
