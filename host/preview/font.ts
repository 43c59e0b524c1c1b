/** A bitmap font for captions: printable ASCII, five columns of eight rows a character. */

/** Two hexadecimal digits a column, the lowest bit on top; from the space to the tilde. */
const COLUMNS =
  "000000000000005f00000007000700147f147f14242a7f2a12231308646236495620500008070300001c224100" +
  "0041221c002a1c7f1c2a08083e080800807030000808080808000060600020100804023e5149453e00427f4000" +
  "72494949462141494d331814127f1027454545393c4a49493141211109073649494936464949291e0000140000" +
  "004034000000081422411414141414004122140802015909063e415d594e7c1211127c7f494949363e41414122" +
  "7f4141413e7f494949417f090909013e414151737f0808087f00417f41002040413f017f081422417f40404040" +
  "7f021c027f7f0408107f3e4141413e7f090909063e4151215e7f09192946264949493203017f01033f4040403f" +
  "1f2040201f3f4038403f631408146303047804036159494d43007f4141410204081020004141417f0402010204" +
  "4040404040000307080020545478407f284444383844444428384444287f385454541800087e090218a4a49c78" +
  "7f0804047800447d40002040403d007f1028440000417f40007c047804787c080404783844444438fc18242418" +
  "18242418fc7c08040408485454542404043f44243c4040207c1c2040201c3c4030403c44281028444c9090907c" +
  "4464544c440008364100000077000000413608000201020402";

const WIDTH = 5;
const HEIGHT = 8;
const FIRST = 32;
const LAST = 126;

/** Pixels from one character to the next, and of a line, at scale 1. */
export const ADVANCE = WIDTH + 1;
export const LINE = HEIGHT + 2;

/** Whether a pixel of a character is set; outside of the character it is not. */
function bit(code: number, x: number, y: number): boolean {
  if (x < 0 || y < 0 || x >= WIDTH || y >= HEIGHT) return false;
  const at = 2 * ((code - FIRST) * WIDTH + x);
  return ((Number.parseInt(COLUMNS.slice(at, at + 2), 16) >> y) & 1) === 1;
}

/**
 * Calls `plot` for every set pixel of `text` in twice the size, diagonals smoothed as Scale2x does it.
 * What is not printable ASCII is drawn as a question mark.
 */
export function drawGlyphs(text: string, plot: (x: number, y: number) => void): void {
  for (const [i, character] of [...text].entries()) {
    const point = character.codePointAt(0)!;
    const code = point >= FIRST && point <= LAST ? point : 63;
    for (let y = 0; y < HEIGHT; y++) {
      for (let x = 0; x < WIDTH; x++) {
        for (const [dx, dy] of QUARTERS) {
          if (isSet(code, x, y, dx, dy)) plot(2 * (i * ADVANCE + x) + dx, 2 * y + dy);
        }
      }
    }
  }
}

const QUARTERS = [
  [0, 0],
  [1, 0],
  [0, 1],
  [1, 1],
] as const;

/** Scale2x: a quarter takes the colour of its two outer neighbours where these agree and differ from theirs. */
function isSet(code: number, x: number, y: number, dx: number, dy: number): boolean {
  const up = bit(code, x, y - 1);
  const down = bit(code, x, y + 1);
  const left = bit(code, x - 1, y);
  const right = bit(code, x + 1, y);
  const own = bit(code, x, y);
  if (up === down || left === right) return own;
  const side = dx === 0 ? left : right;
  const end = dy === 0 ? up : down;
  return side === end ? side : own;
}
