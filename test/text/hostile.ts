/** Texts that are made to keep a search by patterns busy. */
import { pick, stream } from "../../host/scenes/random.ts";

/** Pieces of every form that a detector looks for, cut where it has to give up. */
const PIECES = [
  ...["a", "0", "9", "-", ".", ":", "@", "/", "\\", " ", "\n", "=", "+", "(", "[", '"', "'", "_"],
  ...["aa:", "aa-", "aaaa.", "1.", "1.1.1.", "::", "f:", "fe80::", "ffff:"],
  ...["a@", "a@b.", '"@', ".@.", "a.b@c.d", "http://", "http://a?", "http://a:b", "?a=", "://"],
  ...["eyJ", "eyJhbGciOi.", "sk-", "Bearer ", "aB3_", "/a", "=="],
  ...["460", "89", "4539 ", "110101", "DE89", "DE89 ", "A1", "(0", "+1", "+86 ", "1-", "00 "],
  ...[
    "ssid=",
    "ssid: ",
    "password",
    "password ",
    "密码",
    "密码：",
    '"ssid":"',
    "name is ",
    "address: ",
  ],
  ...[
    "上海市",
    "市",
    "区",
    "路",
    "号",
    "路1号",
    "1号",
    "1栋",
    "一二三",
    "小区",
    "王",
    "的房间",
    "先生",
  ],
  ...["1 Oak ", "1 A ", "Oak Hill ", "Street", "straße", "Mr. A ", "Anna's ", "A B ", "Hi A"],
  ...["1.11111, ", "1.1111 ", "1°", "1°1'", "N 1.", "geo:1.1,", "$GPGGA,", "33U 3", "8Q33", "E1 "],
  ...[
    "/home/",
    "/home/a",
    "C:\\Users\\",
    "~a",
    "a@b:",
    "robot_",
    "robot_1",
    "os-",
    "a.local",
    "a-",
  ],
  ...[
    "[mac]",
    "[mac",
    "[name][ip]",
    "[cut]",
    "[",
    "]",
    "\u200b",
    "０",
    "：",
    "١",
    "ａ",
    "\u0301",
    "😀",
  ],
] as const;

export interface Hostile {
  readonly name: string;
  /** The first `chars` of it. */
  make(chars: number): string;
}

const repeated = (piece: string): Hostile => ({
  name: JSON.stringify(piece),
  make: (chars) => piece.repeat(Math.ceil(chars / piece.length)).slice(0, chars),
});

function mixed(seed: number, most: number): Hostile {
  return {
    name: `mix ${seed}`,
    make: (chars) => {
      const next = stream(seed, "mix");
      const few = Array.from({ length: most }, () => pick(next, PIECES));
      let text = "";
      while (text.length < chars) text += pick(next, few);
      return text.slice(0, chars);
    },
  };
}

/** Each piece over and over, pairs of them, and mixes of a few and of all. */
export const HOSTILE: readonly Hostile[] = [
  ...PIECES.map(repeated),
  ...PIECES.map((piece, i) => repeated(piece + PIECES[(i * 7 + 3) % PIECES.length]!)),
  ...[2, 3, 5, 9, 30].flatMap((most) => [1, 2, 3].map((seed) => mixed(seed * 100 + most, most))),
];
