/** Words of the interface's rows, and how they become comments. */
import type { Field } from "./abi-schema.ts";

/** What every generated file says of itself. */
export const GENERATED = "Made from host/embed/abi.json by `npm run build:abi`; change it there.";

/** A phrase with a capital and a full stop. */
export function asSentence(phrase: string): string {
  return `${phrase[0]!.toUpperCase()}${phrase.slice(1)}.`;
}

/** What a row says, with its unit and range behind it, as "The edge of a voxel. [metres; 0.01..10]". */
export function describeRow(row: {
  readonly doc: string;
  readonly unit?: string | undefined;
  readonly range?: string | undefined;
}): string {
  const facts = [row.unit, row.range].filter((fact) => fact !== undefined && fact !== "");
  return facts.length > 0 ? `${row.doc} [${facts.join("; ")}]` : row.doc;
}

/** A number of a region as "u8 x 32". */
export function typeName(field: Field): string {
  return field.count === undefined ? field.type : `${field.type} x ${field.count}`;
}

/** What a field says where its type does not stand beside it. */
export function fieldDoc(field: Field): string {
  return describeRow({ ...field, unit: [typeName(field), field.unit].filter(Boolean).join(" ") });
}

/** Lines of at most so many characters, broken between words. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}

/** A doc comment of up to 100 columns; each paragraph begins on a line of its own. */
export function comment(paragraphs: string | readonly string[], indent = ""): string {
  const texts = typeof paragraphs === "string" ? [paragraphs] : paragraphs;
  const one = `${indent}/** ${texts[0]} */`;
  if (texts.length === 1 && one.length <= 100) return one;
  const lines = texts.flatMap((text) => wrap(text, 97 - indent.length));
  return [
    `${indent}/**`,
    ...lines.map((line) => `${indent} * ${line}`.trimEnd()),
    `${indent} */`,
  ].join("\n");
}
