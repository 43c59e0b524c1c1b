/** The record of the books: every number comes back, and books of before there were maps are read. */
import { expect, test } from "vitest";
import { type Books, decodeBooks, emptyBooks, encodeBooks } from "../../host/spool/books.ts";
import { digestOf } from "../../host/spool/digest.ts";

/** Books in which every number is another one. */
function fullBooks(): Books {
  const books = emptyBooks(1_700_000_000_000);
  let next = 1;
  for (const reason of Object.keys(books.refused)) books.refused[reason as "STOPPING"] = next++;
  for (const reason of Object.keys(books.evicted)) books.evicted[reason as "QUOTA"] = next++;
  const all = { ...books.refused, ...books.evicted };
  const sum = Object.values(all).reduce((a, b) => a + b, 0);
  const counts = { uploaded: 1000, spooled: 2000, mapped: 3000, captured: sum + 6000 };
  return { ...books, ...counts, mappedReleased: 1400, mappedLost: 1500, nextSerial: 77, ageMs: 88 };
}

/** The record with its checksum made good again. */
function sealed(record: Buffer): Buffer {
  const body = record.subarray(0, -8);
  return Buffer.concat([body, digestOf(body).subarray(0, 8)]);
}

test("every number comes back", () => {
  expect(decodeBooks(encodeBooks(fullBooks()))).toEqual(fullBooks());
});

test("a record of version 1, which knew no maps and fewer reasons, is read", () => {
  const books = emptyBooks(5);
  books.captured = 7;
  books.refused.LOCAL_USE_OFF = 4;
  books.evicted.TOO_OLD = 3;
  const now = encodeBooks(books);
  // Six numbers, sixteen reasons of refusals, those of evictions; no numbers of maps.
  const head = Buffer.from([1, 16, 3]);
  const [fixed, refused] = [now.subarray(3, 3 + 48), now.subarray(51, 51 + 128)];
  const evicted = now.subarray(51 + 8 * Object.keys(books.refused).length).subarray(0, 24);
  const old = sealed(Buffer.concat([head, fixed, refused, evicted, Buffer.alloc(8)]));
  expect(decodeBooks(old)).toEqual(books);
});

test.each<[string, (books: Books) => void]>([
  ["a frame too many", (books) => books.captured++],
  ["a scan that is nowhere", (books) => books.mapped++],
  ["more scans released and lost than mapped", (books) => (books.mappedLost = 1601)],
])("%s: the books do not balance, and are not read", (_, change) => {
  const books = fullBooks();
  change(books);
  expect(decodeBooks(encodeBooks(books))).toBeUndefined();
});
