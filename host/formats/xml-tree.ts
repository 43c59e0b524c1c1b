/**
 * The part of XML 1.0 that programs write into their files: elements, attributes, text and CDATA. Document
 * types are refused, for with them come entities that grow without bound and files from elsewhere.
 */

export interface XmlElement {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  /** All text that stands in it, not that of its children. */
  readonly text: string;
}

const DEPTH_MAX = 64;
const ELEMENTS_MAX = 1 << 18;

const TOKENS =
  /<!\[CDATA\[([\s\S]*?)\]\]>|<!--[\s\S]*?-->|<\?[\s\S]*?\?>|<\/([^\s>]+)\s*>|<([^\s/>!?]+)((?:\s+[^\s=/>]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*(\/?)>|([^<]+)/gy;
const ATTRIBUTES = /([^\s=]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;
const ENTITIES: Readonly<Record<string, string>> = {
  ...{ lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" },
};

interface Open {
  name: string;
  attributes: Map<string, string>;
  children: XmlElement[];
  text: string;
}

/** The outermost element; undefined if the text is no such XML, or nested or long beyond reason. */
export function parseXml(text: string): XmlElement | undefined {
  const root: Open = { name: "", attributes: new Map(), children: [], text: "" };
  const open: Open[] = [root];
  const whole = text.replace(/^\ufeff/, "");
  let elements = 0;
  let end = 0;
  // Ends at what is no token: a document type, a bracket that is not closed.
  for (const token of whole.matchAll(TOKENS)) {
    end += token[0].length;
    const [, cdata, closed, name, attributes, empty, plain] = token;
    const inner = open.at(-1)!;
    if (cdata !== undefined) inner.text += cdata;
    else if (plain !== undefined) inner.text += decoded(plain);
    else if (closed !== undefined) {
      if (open.length < 2 || inner.name !== closed) return undefined;
      open.pop();
    } else if (name !== undefined) {
      if (++elements > ELEMENTS_MAX || open.length > DEPTH_MAX) return undefined;
      const element = { name, attributes: attributesOf(attributes!), children: [], text: "" };
      inner.children.push(element);
      if (empty === "") open.push(element);
    }
  }
  const isWhole = open.length === 1 && end === whole.length;
  return isWhole && root.children.length === 1 ? root.children[0] : undefined;
}

function attributesOf(text: string): Map<string, string> {
  const found = text.matchAll(ATTRIBUTES);
  return new Map([...found].map(([, name, double, single]) => [name!, decoded(double ?? single!)]));
}

function decoded(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(\w+));/gi, (whole, dec, hex, name) => {
    if (name !== undefined) return ENTITIES[name] ?? whole;
    const code = dec === undefined ? Number.parseInt(hex, 16) : Number(dec);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
