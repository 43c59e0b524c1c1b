/** The header of an E57 file and the XML section that describes all else (ASTM E2807-11, section 9.2). */
import type { ByteFile } from "./byte-file.ts";
import { E57Stream, PAGE_BYTES } from "./e57-pages.ts";
import { badInput, tooLarge } from "./input-errors.ts";
import { parseXml, type XmlElement } from "./xml-tree.ts";

const HEADER_BYTES = 48;
/** Descriptions of a hundred scans have some 100 KiB. */
const XML_BYTES_MAX = 1 << 24;

/** The root of the XML section. BAD_INPUT names what is damaged. */
export async function readE57Root(file: ByteFile): Promise<XmlElement> {
  if (file.size < PAGE_BYTES) {
    const text = `${file.size} bytes are less than a page of ${PAGE_BYTES}: it is cut short; copy or export it again.`;
    throw badInput(file.path, text);
  }
  const bytes = await file.read(0, HEADER_BYTES);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [major, minor] = [view.getUint32(8, true), view.getUint32(12, true)];
  if (major !== 1 || view.getBigUint64(40, true) !== BigInt(PAGE_BYTES)) {
    const text = `version ${major}.${minor}, or the size of its pages, is not that of E57 1.0; export it again.`;
    throw badInput(file.path, text, { offset: 8 });
  }
  const length = Number(view.getBigUint64(32, true));
  if (length > XML_BYTES_MAX) {
    const text = `its description has ${length} bytes; at most ${XML_BYTES_MAX} are read.`;
    throw tooLarge(file.path, text, { offset: 32 });
  }
  const stream = new E57Stream(file, Number(view.getBigUint64(24, true)));
  const xml = Buffer.from(await stream.take(length, "the description")).toString("utf8");
  const root = parseXml(xml);
  if (root !== undefined) return root;
  const text = "the description in it is no sound XML without a document type; export it again.";
  throw badInput(file.path, text, { offset: 24 });
}

/** The first child of that name. */
export function child(element: XmlElement | undefined, name: string): XmlElement | undefined {
  return element?.children.find((one) => one.name === name);
}

/** A number that stands in a child, or what is taken if there is none. */
export function numberIn(element: XmlElement | undefined, name: string, fallback: number): number {
  const text = child(element, name)?.text.trim();
  return text === undefined || text === "" ? fallback : Number(text);
}
