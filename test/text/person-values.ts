/** Values that people have: names, numbers of documents and telephones, addresses, what they call things. */
import { pick, type Uniform } from "../../host/scenes/random.ts";
import { digits, HEX, LOWER, NUMERALS, signs, UPPER, whole } from "./draw.ts";
import { withLuhn } from "./machine-values.ts";

export function chineseId(next: Uniform): string {
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

export function iban(next: Uniform): string {
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

export function card(next: Uniform): string {
  const number = withLuhn(pick(next, ["4539", "5105", "6222", "3530"]) + digits(next, 11));
  return next() < 0.5 ? number : number.replaceAll(/(.{4})(?=.)/g, "$1 ");
}

export const GIVEN = [
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
export const FAMILY = [
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
export const CHINESE_FAMILY = [
  "王",
  "李",
  "张",
  "刘",
  "陈",
  "赵",
  "周",
  "吴",
  "欧阳",
  "沈",
  "韩",
  "邓",
];
export const CHINESE_GIVEN = [
  "伟",
  "静",
  "小明",
  "丽华",
  "建国",
  "子涵",
  "雨桐",
  "志强",
  "梓萱",
  "敏",
];

export const personEn = (next: Uniform) => `${pick(next, GIVEN)} ${pick(next, FAMILY)}`;
export const personZh = (next: Uniform) => pick(next, CHINESE_FAMILY) + pick(next, CHINESE_GIVEN);

export function ssidEn(next: Uniform): string {
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

export function ssidZh(next: Uniform): string {
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

export function password(next: Uniform): string {
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

export function phoneCn(next: Uniform): string {
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

export function phoneIntl(next: Uniform): string {
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

export function phoneNational(next: Uniform): string {
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

export function email(next: Uniform): string {
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

export function address(next: Uniform): string {
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

export function addressZh(next: Uniform): string {
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

export function birth(next: Uniform): string {
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

export function birthZh(next: Uniform): string {
  const [y, m, d] = [whole(next, 1935, 2018), whole(next, 1, 12), whole(next, 1, 28)];
  return pick(next, [`${y}年${m}月${d}日`, `${y}-${m}-${d}`, `${y}年${m}月`, `${y}.${m}.${d}`]);
}

export function host(next: Uniform): string {
  return pick(next, [
    `os-99${digits(next, 10)}.local`,
    `${pick(next, GIVEN).toLowerCase()}-laptop.fritz.box`,
    `robot-${signs(next, HEX, 6)}.lan`,
    `DESKTOP-${signs(next, UPPER + NUMERALS, 7)}`,
    `${pick(next, FAMILY).toLowerCase().replace("'", "")}-nas.local`,
    `${pick(next, GIVEN)}s-MacBook-Pro.local`,
  ]);
}

/** Names that people give computers, without a domain. */
export const computer = (next: Uniform) =>
  pick(next, [
    `${pick(next, GIVEN)
      .toLowerCase()
      .replace(/[^a-z]/g, "e")}-ntb`,
    `${pick(next, FAMILY).toLowerCase().replace("'", "")}-desktop`,
    `WifiAP-0${whole(next, 1, 9)}`,
    `zoidberg${whole(next, 2, 9)}`,
    `android-${signs(next, HEX, 15)}`,
    `raspberrypi-${signs(next, HEX, 4)}`,
  ]);

export const account = (next: Uniform) =>
  pick(next, [
    `${pick(next, GIVEN).toLowerCase()}${digits(next, 2)}`.replace(/[^a-z0-9]/g, "e"),
    pick(next, FAMILY).toLowerCase().replace("'", ""),
    `${signs(next, LOWER, 1)}${pick(next, FAMILY).toLowerCase().replace("'", "")}`,
    "zhangwei88",
    "liming",
  ]);
