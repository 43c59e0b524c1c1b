import { describe, expect, it } from "vitest";
import { type Identifier, needlesOf, searchLeaks } from "../../host/cli/leak-search.ts";

const SERIAL = "122150000150";

/** Whether a value is found in bytes that hold it in the middle of others. */
function finds(value: Identifier["value"], form: Uint8Array | string): boolean {
  const bytes = Buffer.concat([
    Buffer.from("....."),
    Buffer.from(form as string),
    Buffer.from(".."),
  ]);
  return searchLeaks([{ name: "x", value }], [{ name: "y", bytes }]).length > 0;
}

describe("searchLeaks", () => {
  it("finds text in every usual form", () => {
    const bytes = Buffer.from(SERIAL);
    expect(finds(SERIAL, SERIAL)).toBe(true);
    expect(finds(SERIAL, Buffer.from(SERIAL, "utf16le"))).toBe(true);
    expect(finds(SERIAL, bytes.toString("hex"))).toBe(true);
    expect(finds("Kühler?>", Buffer.from("Kühler?>").toString("hex").toUpperCase())).toBe(true);
    for (const before of ["", "a", "ab", "abc"]) {
      for (const behind of ["", "x", "xy"]) {
        const text = Buffer.from(`${before}robot?>>7${behind}`);
        expect(finds("robot?>>7", text.toString("base64"))).toBe(true);
        expect(finds("robot?>>7", text.toString("base64url"))).toBe(true);
      }
    }
  });

  it("finds numbers in packed fields of any width and order", () => {
    const number = BigInt(SERIAL);
    const packed = Buffer.alloc(5);
    packed.writeUIntLE(Number(number), 0, 5);
    expect(finds(SERIAL, packed)).toBe(true);
    expect(finds(number, packed.toReversed())).toBe(true);
    const wide = Buffer.alloc(8);
    wide.writeBigUInt64LE(number);
    expect(finds(number, wide)).toBe(true);
    expect(finds(number, SERIAL)).toBe(true);
    expect(finds(number, number.toString(16).toUpperCase())).toBe(true);
  });

  it("finds real numbers and addresses as bytes", () => {
    const double = Buffer.alloc(8);
    double.writeDoubleBE(48.137154);
    expect(finds(48.137154, double)).toBe(true);
    const single = Buffer.alloc(4);
    single.writeFloatLE(48.137154);
    expect(finds(48.137154, single)).toBe(true);
    expect(finds("192.168.17.4", Buffer.from([4, 17, 168, 192]))).toBe(true);
    expect(finds("bc:0f:a7:01:02:03", Buffer.from("bc0fa7010203", "hex"))).toBe(true);
  });

  it("names what it found and where", () => {
    const hits = searchLeaks(
      [{ name: "host", value: "robot-7.local" }],
      [
        { name: "log", bytes: Buffer.from("at robot-7.local") },
        { name: "clean", bytes: Buffer.from("nothing") },
      ],
    );
    expect(hits).toEqual([
      { identifier: "host", value: "robot-7.local", encoding: "utf-8", haystack: "log", offset: 3 },
    ]);
  });

  it("leaves out what is everywhere, and short forms in ciphertext", () => {
    expect(needlesOf(7)).toEqual([]);
    expect(needlesOf(0)).toEqual([]);
    expect(needlesOf("abc").every(({ bytes }) => bytes.length >= 4)).toBe(true);
    const bytes = Buffer.from([192, 168, 17, 4]);
    const found = (isCiphertext: boolean) =>
      searchLeaks([{ name: "ip", value: "192.168.17.4" }], [{ name: "veil", bytes, isCiphertext }]);
    expect(found(false)).toHaveLength(1);
    expect(found(true)).toHaveLength(0);
  });
});
