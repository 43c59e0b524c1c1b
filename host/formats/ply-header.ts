/** The text header of a PLY file (Stanford triangle format 1.0). */
import { headerLines } from "./header-lines.ts";
import { badInput } from "./input-errors.ts";
import type { ColumnType } from "./point-columns.ts";

export interface PlyProperty {
  readonly name: string;
  readonly type: ColumnType;
  /** Type of the count that stands before a list; undefined for a single value. */
  readonly listCount: ColumnType | undefined;
}

export interface PlyElement {
  readonly name: string;
  readonly count: number;
  readonly properties: PlyProperty[];
}

export interface PlyHeader {
  readonly encoding: "ascii" | "binary_little_endian" | "binary_big_endian";
  readonly elements: readonly PlyElement[];
  readonly comments: readonly string[];
  /** Offset of the first byte behind the header. */
  readonly dataOffset: number;
}

const HEADER_BYTES_MAX = 1 << 20;

const TYPES: Readonly<Record<string, ColumnType>> = {
  char: "i8",
  int8: "i8",
  uchar: "u8",
  uint8: "u8",
  short: "i16",
  int16: "i16",
  ushort: "u16",
  uint16: "u16",
  int: "i32",
  int32: "i32",
  uint: "u32",
  uint32: "u32",
  float: "f32",
  float32: "f32",
  double: "f64",
  float64: "f64",
};

/** Parses the header at the start of `bytes`. BAD_INPUT names the line that is wrong. */
export function parsePlyHeader(file: string, bytes: Uint8Array): PlyHeader {
  const elements: PlyElement[] = [];
  const comments: string[] = [];
  let encoding: PlyHeader["encoding"] | undefined;
  const limit = Math.min(bytes.length, HEADER_BYTES_MAX);
  for (const { line, offset, next, text } of headerLines(bytes, limit)) {
    const words = text.split(/\s+/);
    const fail = (message: string) => lineError(file, line, offset, message);
    if (line === 1) {
      if (text !== "ply") throw fail('expected "ply"; is this a PLY file?');
    } else if (words[0] === "comment" || words[0] === "obj_info") {
      comments.push(text.slice(words[0].length).trim());
    } else if (words[0] === "format") {
      encoding = parseFormat(words, fail);
    } else if (words[0] === "element") {
      elements.push(parseElement(words, fail));
    } else if (words[0] === "property") {
      const element = elements.at(-1);
      if (element === undefined) throw fail("a property stands before the first element");
      element.properties.push(parseProperty(words, fail));
    } else if (words[0] === "end_header") {
      if (encoding === undefined) throw fail("there is no format line before end_header");
      return { encoding, elements, comments, dataOffset: next };
    } else if (text !== "") {
      throw fail("it does not start with a PLY keyword");
    }
  }
  throw badInput(
    file,
    `no end_header in the first ${limit} bytes: the header is cut short, or this is not a PLY file.`,
    { field: "end_header", offset: limit },
  );
}

type Fail = (message: string) => Error;

function parseFormat(words: readonly string[], fail: Fail): PlyHeader["encoding"] {
  const name = words[1];
  if (name === "ascii" || name === "binary_little_endian" || name === "binary_big_endian") {
    return name;
  }
  throw fail("format must be ascii, binary_little_endian or binary_big_endian");
}

function parseElement(words: readonly string[], fail: Fail): PlyElement {
  if (words.length !== 3 || !/^\d{1,15}$/.test(words[2]!)) {
    throw fail("an element line needs a name and a whole number");
  }
  return { name: words[1]!, count: Number(words[2]), properties: [] };
}

function parseProperty(words: readonly string[], fail: Fail): PlyProperty {
  const list = words[1] === "list";
  const name = words[list ? 4 : 2];
  const type = TYPES[words[list ? 3 : 1] ?? ""];
  const listCount = list ? TYPES[words[2] ?? ""] : undefined;
  const countIsWhole = listCount !== "f32" && listCount !== "f64";
  if (name === undefined || type === undefined || (list && !listCount) || !countIsWhole) {
    throw fail("the property has an unknown type or no name");
  }
  return { name, type, listCount };
}

function lineError(file: string, line: number, offset: number, message: string): Error {
  return badInput(
    file,
    `line ${line} (offset ${offset}) of the header: ${message}; write the cloud again as PLY 1.0.`,
    { line, offset },
  );
}
