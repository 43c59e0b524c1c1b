/**
 * Refuses YAML whose structure is far deeper than a file of settings needs, before it is parsed: parsing
 * and printing such text takes time and memory out of all proportion to its length.
 */
import { Lexer } from "yaml";

const FLOW_DEPTH_MAX = 16;
const INDENT_MAX = 64;
const DASHES_PER_LINE_MAX = 4;

/** Before a plain or block scalar the lexer yields this; the token after it is text. */
const SCALAR_FOLLOWS = "\u001f";
/** Control tokens of the lexer that stand for no character of the text. */
const MARKS = new Set(["\u0002", "\u0018", SCALAR_FOLLOWS]);

/** Offset of the first place that nests too deeply and what is wrong there, or null. */
export function nestingFault(text: string): { offset: number; what: string } | null {
  let offset = 0;
  let flowDepth = 0;
  let dashes = 0;
  let lineStart = true;
  let isText = false;
  for (const token of new Lexer().lex(text)) {
    if (!isText && MARKS.has(token)) {
      isText = token === SCALAR_FOLLOWS;
      continue;
    }
    if (!isText) {
      if (token === "[" || token === "{") flowDepth++;
      else if (token === "]" || token === "}") flowDepth--;
      else if (token === "-") dashes++;
      else if (token === "?") return { offset, what: "uses a ? key, must use plain keys" };
      const indent = lineStart && token.startsWith(" ") ? token.length : 0;
      if (flowDepth > FLOW_DEPTH_MAX || dashes > DASHES_PER_LINE_MAX || indent > INDENT_MAX) {
        return { offset, what: "is nested too deeply" };
      }
    }
    isText = false;
    lineStart = token.endsWith("\n");
    if (lineStart) dashes = 0;
    offset += token.length;
  }
  return null;
}
