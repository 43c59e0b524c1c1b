/** YAML text as plain data, with the line and column of everything in it. */
import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  visit,
} from "yaml";
import { nestingFault } from "./nesting.ts";
import type { Path, Problem } from "./problem.ts";

/** Copies that all aliases (`*name`) of a file may make; far more than any needs. */
const ALIAS_MAX = 100;

/** Text that was read; `data` is meaningful only if there are no problems. */
export interface YamlSource {
  readonly data: unknown;
  readonly problems: readonly Problem[];
  /** Line and column of the value at `path`, or of its key; of the nearest parent if absent. */
  locate(path: Path, at: "value" | "key"): { line: number; col: number };
}

/** Where a node or pair begins, or null if the parser did not say. */
function startOf(item: unknown): number | null {
  return isNode(item) ? (item.range?.[0] ?? null) : null;
}

/** The pair or item under `key`, aliases followed. */
function childOf(doc: Document, parent: unknown, key: PropertyKey): Pair | Node | null {
  const node = isAlias(parent) ? parent.resolve(doc) : parent;
  if (isMap(node)) {
    return node.items.find((p) => String(isScalar(p.key) ? p.key.value : p.key) === key) ?? null;
  }
  return isSeq(node) && typeof key === "number" ? ((node.items[key] as Node) ?? null) : null;
}

/** Offset of the deepest thing on `path` that exists. */
function offsetOf(doc: Document, path: Path, at: "value" | "key"): number {
  let node: unknown = doc.contents;
  let offset = startOf(node) ?? 0;
  for (const [depth, key] of path.entries()) {
    const child = childOf(doc, node, key);
    if (child === null) return offset;
    const isKey = at === "key" && depth === path.length - 1;
    node = isPair(child) ? child.value : child;
    const keyStart = isPair(child) ? startOf(child.key) : null;
    offset = (isKey ? keyStart : startOf(node)) ?? keyStart ?? offset;
  }
  return offset;
}

type At = (offset: number) => { line: number; col: number };

/** Line and column, from 1, of an offset in `text`; columns count UTF-16 units. */
function lineAndColumn(text: string): At {
  const lines = new LineCounter();
  lines.addNewLine(0);
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) {
    lines.addNewLine(at + 1);
  }
  return (offset) => lines.linePos(offset);
}

/**
 * Keys that stand twice in a mapping, and keys that are not plain names, which have no
 * place in a file of settings and none in a JavaScript object. (The parser could find the former, in quadratic time.)
 */
function keyProblems(doc: Document, at: At): Problem[] {
  const problems: Problem[] = [];
  visit(doc, {
    Map(_, map) {
      const seen = new Set<string>();
      for (const { key } of map.items) {
        const name = isScalar(key) && typeof key.value === "string" ? key.value : null;
        const isTwice = name !== null && seen.has(name);
        if (name !== null) seen.add(name);
        if (name !== null && !isTwice) continue;
        const what = isTwice ? "names a key twice, keep one" : "has a key that is not a plain name";
        problems.push({ path: [], what, ...at(startOf(key) ?? 0) });
      }
    },
  });
  return problems;
}

/** The plain data, or the problem that aliases make. */
function toData(doc: Document): { data: unknown; problems: Problem[] } {
  try {
    return { data: doc.toJS({ maxAliasCount: ALIAS_MAX }), problems: [] };
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    const what = `uses aliases (*name) that are unknown or make over ${ALIAS_MAX} copies`;
    return { data: null, problems: [{ path: [], what, line: 1, col: 1 }] };
  }
}

/**
 * Reads one YAML 1.2 document. Syntax errors, duplicate keys, unknown tags, alias bombs and absurd
 * nesting come back as problems; it never throws for what the text says.
 */
export function readYaml(text: string): YamlSource {
  const at = lineAndColumn(text);
  const nesting = nestingFault(text);
  if (nesting !== null) {
    const problem = { path: [], what: nesting.what, ...at(nesting.offset) };
    return { data: null, problems: [problem], locate: () => ({ line: 1, col: 1 }) };
  }
  const doc = parseDocument(text, {
    version: "1.2",
    schema: "core",
    merge: false,
    uniqueKeys: false,
    strict: true,
    prettyErrors: false,
    logLevel: "error",
  });
  const problems: Problem[] = [...doc.errors, ...doc.warnings].map((error) => ({
    path: [],
    // The library's own sentences repeat the text; its code says what kind of fault it is.
    what: `is not valid YAML (${error.code.toLowerCase().replaceAll("_", " ")})`,
    ...at(error.pos[0]),
  }));
  if (problems.length === 0) problems.push(...keyProblems(doc, at));
  const read = problems.length === 0 ? toData(doc) : { data: null, problems };
  return { ...read, locate: (path, where) => at(offsetOf(doc, path, where)) };
}
