/**
 * Values as people and machines write them, made up from a seed. Nothing here is taken from the detectors:
 * check digits are computed anew, names and notations have lists of their own.
 */

import { between, pick, type Uniform } from "../../host/scenes/random.ts";
import type { TextKind } from "../../host/text/index.ts";

const digits = (next: Uniform, count: number) =>
  Array.from({ length: count }, () => Math.floor(10 * next())).join("");
const signs = (next: Uniform, alphabet: string, count: number) =>
  Array.from({ length: count }, () => pick(next, [...alphabet])).join("");
const whole = (next: Uniform, low: number, high: number) =>
  Math.floor(between(next, low, high + 1));
const LOWER = "abcdefghijklmnopqrstuvwxyz";
const UPPER = LOWER.toUpperCase();
const NUMERALS = "0123456789";
const HEX = "0123456789abcdef";

/** Appends the digit that makes every second digit from the right, doubled, a sum that ends with 0. */
function withLuhn(number: string): string {
  const even = [0, 2, 4, 6, 8, 1, 3, 5, 7, 9];
  let sum = 0;
  [...number].reverse().forEach((digit, i) => {
    sum += i % 2 === 0 ? even[Number(digit)]! : Number(digit);
  });
  return number + ((10 - (sum % 10)) % 10);
}

function imei(next: Uniform): string {
  const number = withLuhn(pick(next, ["35", "86", "01", "99"]) + digits(next, 12));
  const at = (...cuts: number[]) => cuts.map((cut, i) => number.slice(cuts[i - 1] ?? 0, cut));
  return pick(next, [
    ...[number, number, number],
    at(2, 8, 14, 15).join("-"),
    at(6, 8, 14, 15).join(" "),
    at(6, 8, 14, 15).join("-"),
  ]);
}

const hexPairs = (next: Uniform, count: number) =>
  Array.from({ length: count }, () => signs(next, HEX, 2));

function mac(next: Uniform): string {
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

function ipv4(next: Uniform): string {
  const end = () => whole(next, 1, 254);
  return pick(next, [
    `192.168.${whole(next, 0, 50)}.${end()}`,
    `10.${whole(next, 0, 255)}.${whole(next, 0, 255)}.${end()}`,
    `172.${whole(next, 16, 31)}.${whole(next, 0, 255)}.${end()}`,
    `${whole(next, 11, 120)}.${whole(next, 0, 255)}.${whole(next, 0, 255)}.${end()}`,
    `169.254.${whole(next, 0, 255)}.${end()}`,
  ]);
}

function ipv6(next: Uniform): string {
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

function chineseId(next: Uniform): string {
  const region = pick(next, ["110105", "310115", "440305", "330106", "510107", "420111", "610113"]);
  const month = String(whole(next, 1, 12)).padStart(2, "0");
  const day = String(whole(next, 1, 28)).padStart(2, "0");
  const body = `${region}${whole(next, 1940, 2015)}${month}${day}${digits(next, 3)}`;
  // ISO 7064 MOD 11-2 as its recursion.
  let rest = 0;
  for (const digit of body) rest = ((rest + Number(digit)) * 2) % 11;
  const check = (12 - rest) % 11;
  const sign = check === 10 ? pick(next, ["X", "x"]) : String(check);
  return body + sign;
}

function iban(next: Uniform): string {
  const [country, length] = pick(next, [
    ["DE", 22],
    ["AT", 20],
    ["NL", 18],
    ["FR", 27],
    ["ES", 24],
    ["GB", 22],
  ] as const);
  const bank = country === "GB" || country === "NL" ? signs(next, UPPER, 4) : "";
  const body = bank + digits(next, length - 4 - bank.length);
  const asNumber = [...`${body}${country}00`].map((sign) => Number.parseInt(sign, 36)).join("");
  const check = String(98n - (BigInt(asNumber) % 97n)).padStart(2, "0");
  const number = `${country}${check}${body}`;
  return next() < 0.5 ? number : number.replaceAll(/(.{4})(?=.)/g, "$1 ");
}

function card(next: Uniform): string {
  const number = withLuhn(pick(next, ["4539", "5105", "6222", "3530"]) + digits(next, 11));
  return next() < 0.5 ? number : number.replaceAll(/(.{4})(?=.)/g, "$1 ");
}

const GIVEN = [
  "Anna",
  "Mei",
  "Oliver",
  "Sofia",
  "Jonas",
  "Priya",
  "Liam",
  "Noor",
  "Chloé",
  "Tomasz",
  "Zoë",
  "Hiro",
];
const FAMILY = [
  "Keller",
  "Novak",
  "O'Brien",
  "Tanaka",
  "Okafor",
  "Lindqvist",
  "Moreau",
  "Petrov",
  "Garcia",
  "Walsh",
];
const CHINESE_FAMILY = ["王", "李", "张", "刘", "陈", "赵", "周", "吴", "欧阳", "沈", "韩", "邓"];
const CHINESE_GIVEN = ["伟", "静", "小明", "丽华", "建国", "子涵", "雨桐", "志强", "梓萱", "敏"];

const personEn = (next: Uniform) => `${pick(next, GIVEN)} ${pick(next, FAMILY)}`;
const personZh = (next: Uniform) => pick(next, CHINESE_FAMILY) + pick(next, CHINESE_GIVEN);

function ssidEn(next: Uniform): string {
  const family = pick(next, FAMILY);
  return pick(next, [
    `TP-LINK_${signs(next, HEX.toUpperCase(), 4)}`,
    `${family}Home_5G`,
    `FRITZ!Box 7590 ${signs(next, UPPER, 2)}`,
    `Vodafone-${signs(next, HEX.toUpperCase(), 6)}`,
    `The ${family} Family`,
    `NETGEAR${whole(next, 10, 99)}`,
    `${pick(next, GIVEN)}s iPhone`,
    `mywifi${digits(next, 2)}`,
  ]);
}

function ssidZh(next: Uniform): string {
  return pick(next, [
    `ChinaNet-${signs(next, LOWER + UPPER + NUMERALS, 4)}`,
    `${personZh(next)}的家`,
    `CMCC-${signs(next, LOWER + NUMERALS, 4)}`,
    `老${pick(next, CHINESE_FAMILY)}家WiFi_5G`,
    `HUAWEI-${signs(next, UPPER + NUMERALS, 6)}`,
    `Xiaomi_${signs(next, HEX.toUpperCase(), 4)}`,
    "幸福一家人",
  ]);
}

function password(next: Uniform): string {
  return pick(next, [
    digits(next, 8),
    signs(next, LOWER, 5) + digits(next, 4),
    signs(next, LOWER + UPPER + NUMERALS, whole(next, 8, 16)),
    `${signs(next, LOWER, 4)}@${digits(next, 4)}`,
    `${pick(next, GIVEN)}${whole(next, 1960, 2020)}!`,
    signs(next, HEX, 64),
    `${signs(next, LOWER, 6)}#${signs(next, UPPER, 2)}$${digits(next, 2)}`,
  ]);
}

const base64url = (next: Uniform, count: number) =>
  signs(next, `${LOWER}${UPPER}${NUMERALS}-_`, count);

function jwt(next: Uniform): string {
  const part = (text: string) => Buffer.from(text).toString("base64url");
  const header = part(JSON.stringify({ alg: pick(next, ["HS256", "RS256", "EdDSA"]), typ: "JWT" }));
  const body = part(
    JSON.stringify({ sub: digits(next, 9), exp: 1_700_000_000 + whole(next, 0, 9e7) }),
  );
  return `${header}.${body}.${base64url(next, 43)}`;
}

function uuid(next: Uniform): string {
  const text = [8, 4, 4, 4, 12].map((count) => signs(next, HEX, count)).join("-");
  return next() < 0.3 ? text.toUpperCase() : text;
}

/** Android ID, MD5, OpenUDID, SHA-256. */
function hex(next: Uniform): string {
  return signs(next, HEX, pick(next, [16, 32, 40, 64])).replace(/^../, "a7");
}

function base64(next: Uniform): string {
  const bytes = Uint8Array.from({ length: whole(next, 18, 48) }, () => Math.floor(256 * next()));
  return Buffer.from(bytes).toString(next() < 0.5 ? "base64" : "base64url");
}

const latitude = (next: Uniform) => between(next, 18, 58);
const longitude = (next: Uniform) => between(next, -120, 140);

function pair(next: Uniform): string {
  const places = whole(next, 4, 7);
  const [lat, lon] = [
    latitude(next).toFixed(places),
    (next() < 0.5 ? between(next, 35, 140) : between(next, -122, -65)).toFixed(places),
  ];
  return pick(next, [`${lat}, ${lon}`, `${lat},${lon}`, `${lat} ${lon}`]);
}

/** An angle as degrees and minutes, or with seconds, with its side of the world. */
function sexagesimal(angle: number, sides: string, next: Uniform): string {
  const [abs, side] = [Math.abs(angle), angle < 0 ? sides[1] : sides[0]];
  const deg = Math.floor(abs);
  const min = (abs - deg) * 60;
  const sec = (min % 1) * 60;
  return next() < 0.5
    ? `${deg}°${Math.floor(min)}'${sec.toFixed(1)}"${side}`
    : `${deg}° ${min.toFixed(3)}' ${side}`;
}

function dms(next: Uniform): string {
  return next() < 0.5
    ? sexagesimal(latitude(next), "NS", next)
    : sexagesimal(longitude(next), "EW", next);
}

function dmsZh(next: Uniform): string {
  const [deg, min, sec] = [whole(next, 18, 53), whole(next, 0, 59), whole(next, 0, 59)];
  return pick(next, [
    `北纬${deg}°${min}′${sec}″`,
    `东经${deg + 60}度${min}分${sec}秒`,
    `北纬${deg}.${digits(next, 4)}°`,
  ]);
}

/** What stands behind the name of the sentence; sum of all signs but "$" is its checksum. */
function nmea(next: Uniform): string {
  const body = `${digits(next, 6)}.00,${whole(next, 10, 80)}${whole(next, 10, 59)}.${digits(next, 4)},N,0${whole(next, 10, 99)}${whole(next, 10, 59)}.${digits(next, 4)},E,1,08,0.9,${whole(next, 3, 900)}.4,M,46.9,M,,`;
  let sum = 0;
  for (const sign of `GPGGA,${body}`) sum ^= sign.charCodeAt(0);
  return `${body}*${sum.toString(16).toUpperCase().padStart(2, "0")}`;
}

function utm(next: Uniform): string {
  const [zone, band] = [whole(next, 10, 55), pick(next, ["U", "T", "S", "R"])];
  const [east, north] = [whole(next, 250_000, 700_000), whole(next, 2_500_000, 6_000_000)];
  return pick(next, [
    `${zone}${band} ${east} ${north}`,
    `${zone}${band} ${east}mE ${north}mN`,
    `${zone} ${band} ${east}.4 ${north}.1`,
  ]);
}

function phoneCn(next: Uniform): string {
  const number = `1${pick(next, ["38", "39", "58", "77", "86", "95", "50"])}${digits(next, 8)}`;
  const parts = [number.slice(0, 3), number.slice(3, 7), number.slice(7)];
  return pick(next, [
    number,
    number,
    parts.join("-"),
    parts.join(" "),
    `+86 ${number}`,
    `+86${number}`,
    `86-${number}`,
  ]);
}

function phoneIntl(next: Uniform): string {
  const d = (count: number) => digits(next, count);
  return pick(next, [
    `+1 415 ${whole(next, 222, 899)} ${d(4)}`,
    `+1-212-${whole(next, 222, 899)}-${d(4)}`,
    `+44 20 7${d(3)} ${d(4)}`,
    `+4915${whole(next, 11, 29)}${d(7)}`,
    `+49 30 ${whole(next, 20, 89)}${d(4)}${d(2)}`,
    `+33 6 ${whole(next, 10, 89)} ${d(2)} ${d(2)} ${d(2)}`,
    `+81 90-${whole(next, 1000, 8999)}-${d(4)}`,
    `0044 7911 ${whole(next, 120_000, 129_999)}`,
  ]);
}

function phoneNational(next: Uniform): string {
  const d = (count: number) => digits(next, count);
  return pick(next, [
    `(415) ${whole(next, 222, 899)}-${d(4)}`,
    `212-${whole(next, 222, 899)}-${d(4)}`,
    `030 ${whole(next, 20, 89)}${d(6)}`,
    `030/${whole(next, 20, 89)}${d(5)}`,
    `020 7${d(3)} ${d(4)}`,
    `06 ${whole(next, 10, 89)} ${d(2)} ${d(2)} ${d(2)}`,
    `021-${whole(next, 5000, 6999)}${d(4)}`,
    `0755-8${d(7)}`,
  ]);
}

function email(next: Uniform): string {
  const given = pick(next, GIVEN).toLowerCase();
  const family = pick(next, FAMILY).toLowerCase().replace("'", "");
  return pick(next, [
    `${given}.${family}@example.com`,
    `${family}${digits(next, 2)}@mail.example.co.uk`,
    `${given}+robot@example.org`,
    `${digits(next, 9)}@qq.com`,
    `${given}_${family}@sub.example.de`,
    `${given}@xn--fiqs8s.cn`,
  ]);
}

function address(next: Uniform): string {
  const street = pick(next, [
    "Maple",
    "Oak Hill",
    "Station",
    "Queen's",
    "King",
    "Birch",
    "Old Mill",
    "5th",
  ]);
  const way = pick(next, ["Street", "Ave", "Road", "Lane", "Drive", "Blvd.", "Court"]);
  const tail = pick(next, [
    "",
    ", Apt 4B",
    ", Springfield, IL 62704",
    ", London NW1 6XE",
    ", Unit 12",
  ]);
  return `${whole(next, 1, 2400)} ${street} ${way}${tail}`.replace(/\.$/, "");
}

function addressZh(next: Uniform): string {
  const town = pick(next, [
    "上海市浦东新区",
    "北京市朝阳区",
    "广东省深圳市南山区",
    "杭州市西湖区",
    "四川省成都市武侯区",
    "苏州工业园区",
    "",
  ]);
  const street = pick(next, [
    "世纪大道",
    "建国路",
    "科技园南路",
    "文三路",
    "人民南路四段",
    "中山北路",
    "幸福街",
  ]);
  const house = pick(next, ["号", "弄", "号院"]);
  const flat = pick(next, [
    "",
    `${whole(next, 1, 30)}栋${whole(next, 101, 2604)}室`,
    `${whole(next, 1, 9)}号楼${whole(next, 1, 4)}单元${whole(next, 101, 1802)}`,
  ]);
  return `${town}${street}${whole(next, 1, 1800)}${house}${flat}`;
}

function birth(next: Uniform): string {
  const [y, m, d] = [whole(next, 1935, 2018), whole(next, 1, 12), whole(next, 1, 28)];
  const two = (value: number) => String(value).padStart(2, "0");
  return pick(next, [
    `${y}-${two(m)}-${two(d)}`,
    `${two(d)}/${two(m)}/${y}`,
    `${y}/${m}/${d}`,
    `${d} March ${y}`,
    `${two(d)}.${two(m)}.${y}`,
  ]);
}

function birthZh(next: Uniform): string {
  const [y, m, d] = [whole(next, 1935, 2018), whole(next, 1, 12), whole(next, 1, 28)];
  return pick(next, [`${y}年${m}月${d}日`, `${y}-${m}-${d}`, `${y}年${m}月`, `${y}.${m}.${d}`]);
}

function serial(next: Uniform): string {
  return pick(next, [
    `99${pick(next, ["1", "2"])}${digits(next, 9)}`,
    `H${digits(next, 7)}`,
    `SN${digits(next, 4)}${signs(next, UPPER, 2)}${digits(next, 6)}`,
    `${signs(next, UPPER, 3)}-${digits(next, 4)}-${signs(next, UPPER + NUMERALS, 5)}${digits(next, 1)}`,
    `R${signs(next, UPPER + NUMERALS, 10)}${digits(next, 3)}`,
  ]);
}

function host(next: Uniform): string {
  return pick(next, [
    `os-99${digits(next, 10)}.local`,
    `${pick(next, GIVEN).toLowerCase()}-laptop.fritz.box`,
    `robot-${signs(next, HEX, 6)}.lan`,
    `DESKTOP-${signs(next, UPPER + NUMERALS, 7)}`,
    `${pick(next, FAMILY).toLowerCase().replace("'", "")}-nas.local`,
    `${pick(next, GIVEN)}s-MacBook-Pro.local`,
  ]);
}

const account = (next: Uniform) =>
  pick(next, [
    `${pick(next, GIVEN).toLowerCase()}${digits(next, 2)}`.replace(/[^a-z0-9]/g, "e"),
    pick(next, FAMILY).toLowerCase().replace("'", ""),
    `${signs(next, LOWER, 1)}${pick(next, FAMILY).toLowerCase().replace("'", "")}`,
    "zhangwei88",
    "liming",
  ]);

/** How a value of each name in braces is made, and what it is. */
export const VALUES: Readonly<
  Record<string, { readonly kind: TextKind; readonly make: (next: Uniform) => string }>
> = {
  imei: { kind: "imei", make: imei },
  imsi: { kind: "sim", make: (next) => pick(next, ["46000", "46001", "46011"]) + digits(next, 10) },
  imsi_other: {
    kind: "sim",
    make: (next) => (pick(next, ["26201", "310410", "23415"]) + digits(next, 10)).slice(0, 15),
  },
  iccid: { kind: "sim", make: (next) => withLuhn(`8986${digits(next, 14)}`) },
  mac: { kind: "mac", make: mac },
  ipv4: { kind: "ip", make: ipv4 },
  ipv6: { kind: "ip", make: ipv6 },
  id: { kind: "id", make: chineseId },
  iban: { kind: "id", make: iban },
  card: { kind: "id", make: card },
  name_en: { kind: "name", make: personEn },
  first: { kind: "name", make: (next) => pick(next, GIVEN) },
  family: { kind: "name", make: (next) => pick(next, FAMILY) },
  name_zh: { kind: "name", make: personZh },
  family_zh: { kind: "name", make: (next) => pick(next, CHINESE_FAMILY) },
  ssid_en: { kind: "ssid", make: ssidEn },
  ssid_zh: { kind: "ssid", make: ssidZh },
  password: { kind: "secret", make: password },
  jwt: { kind: "token", make: jwt },
  uuid: { kind: "token", make: uuid },
  hex: { kind: "token", make: hex },
  base64: { kind: "token", make: base64 },
  opaque: { kind: "token", make: (next) => base64url(next, whole(next, 22, 40)) },
  cookie: { kind: "token", make: (next) => `sid=${signs(next, LOWER + NUMERALS, 18)}; lang=en` },
  pair: { kind: "position", make: pair },
  dms: { kind: "position", make: dms },
  dms_zh: { kind: "position", make: dmsZh },
  nmea: { kind: "position", make: nmea },
  utm: { kind: "position", make: utm },
  geo: {
    kind: "position",
    make: (next) => `${latitude(next).toFixed(5)},${longitude(next).toFixed(5)}`,
  },
  geohash: {
    kind: "position",
    make: (next) => signs(next, "0123456789bcdefghjkmnpqrstuvwxyz", whole(next, 6, 10)),
  },
  lat: { kind: "position", make: (next) => latitude(next).toFixed(whole(next, 2, 7)) },
  lon: { kind: "position", make: (next) => longitude(next).toFixed(whole(next, 2, 7)) },
  phone_cn: { kind: "phone", make: phoneCn },
  phone_intl: { kind: "phone", make: phoneIntl },
  phone_national: { kind: "phone", make: phoneNational },
  email: { kind: "email", make: email },
  address_en: { kind: "address", make: address },
  address_zh: { kind: "address", make: addressZh },
  zip: { kind: "address", make: (next) => digits(next, pick(next, [5, 6])) },
  birth_en: { kind: "birth", make: birth },
  birth_zh: { kind: "birth", make: birthZh },
  gender_en: { kind: "gender", make: (next) => pick(next, ["male", "female", "F", "M"]) },
  gender_zh: { kind: "gender", make: (next) => pick(next, ["男", "女"]) },
  serial: { kind: "serial", make: serial },
  robot: { kind: "serial", make: (next) => signs(next, HEX, 4) + digits(next, 4) },
  host: { kind: "host", make: host },
  account: { kind: "account", make: account },
  query: { kind: "url", make: (next) => `token=${base64url(next, 20)}&uid=${digits(next, 6)}` },
  user_info: {
    kind: "url",
    make: (next) => `${pick(next, GIVEN).toLowerCase()}:${signs(next, LOWER + NUMERALS, 9)}`,
  },
};

/** What is no value: numbers and words in a form that values have, too. */
export const HARMLESS: Readonly<Record<string, (next: Uniform) => string>> = {
  n: (next) => String(whole(next, 0, 999)),
  big: (next) => String(whole(next, 1000, 99_999_999)),
  version: (next) => [whole(next, 0, 9), whole(next, 0, 30), whole(next, 0, 40)].join("."),
  version4: (next) =>
    [whole(next, 0, 12), whole(next, 0, 20), whole(next, 0, 20), whole(next, 0, 999)].join("."),
  time: (next) =>
    [whole(next, 0, 23), whole(next, 0, 59), whole(next, 0, 59)]
      .map((v) => String(v).padStart(2, "0"))
      .join(":"),
  date: (next) =>
    `20${whole(next, 20, 26)}-${String(whole(next, 1, 12)).padStart(2, "0")}-${String(whole(next, 1, 28)).padStart(2, "0")}`,
  stamp_ns: (next) => `17${digits(next, 17)}`,
  stamp_us: (next) => `17${digits(next, 14)}`,
  stamp_s: (next) => `17${digits(next, 8)}.${digits(next, 9)}`,
  /** 15 digits whose last is one off. */
  not_imei: (next) =>
    withLuhn(digits(next, 14))
      .replace(/\d$/, (digit) => String((Number(digit) + 1) % 10))
      .replace(/^460/, "361"),
  not_id: (next) =>
    chineseId(next)
      .replace(/.$/, (sign) => (/x/i.test(sign) ? "0" : String((Number(sign) + 1) % 10)))
      .replace(/^/, ""),
  commit: (next) => signs(next, HEX, 7).replace(/^./, "d"),
  part: (next) => signs(next, HEX, 8).replace(/^./, "c"),
  pointer: (next) => `0x7f${signs(next, HEX, 10)}`,
  metres: (next) => between(next, -12, 12).toFixed(whole(next, 2, 6)),
  share: (next) => between(next, 0, 100).toFixed(1),
  model: (next) =>
    pick(next, [
      "OS1-64-U02",
      "VLP-16",
      "Mid-360",
      "XT32M2X",
      "RPLIDAR A2M8",
      "HDL-32E",
      "Pandar40P",
      "LDS-01",
      "OS0-128",
      "QT64",
    ]),
  code: (next) =>
    pick(next, [
      `E${digits(next, 4)}`,
      `ERR_${digits(next, 3)}`,
      `0x${signs(next, HEX, 4)}`,
      `W-${digits(next, 2)}`,
    ]),
  room: (next) =>
    pick(next, ["kitchen", "living room", "hallway", "guest room", "office", "Bedroom 2"]),
  room_zh: (next) => pick(next, ["客厅", "厨房", "主卧", "次卧", "书房", "走廊", "儿童房"]),
  topic: (next) =>
    pick(next, [
      "/points",
      "/scan",
      "/tf_static",
      "/camera/depth/image_raw",
      "/os_cloud_node/points",
      "/velodyne_points",
    ]),
  frame: (next) => pick(next, ["base_link", "os_sensor", "map", "laser_frame", "odom", "velodyne"]),
};
