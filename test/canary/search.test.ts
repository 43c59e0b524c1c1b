import { deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { Identifier } from "../../host/canary/identifier.ts";
import { LeakSearch, needlesOf, searchLeaks } from "../../host/canary/search.ts";
import { seededRandom } from "../veil/support.ts";

const SERIAL = "122150000150";
const IMSI = "460018123456789";

/** Whether a value is found in bytes that hold it in the middle of others. */
function finds(value: Identifier["value"], form: Uint8Array | string, isMadeUp = false): boolean {
  const bytes = Buffer.concat([
    Buffer.from("....."),
    Buffer.from(form as string),
    Buffer.from(".."),
  ]);
  return searchLeaks([{ name: "x", value, isMadeUp }], [{ name: "y", bytes }]).length > 0;
}

const hexOf = (text: string, separator: string) =>
  Array.from(Buffer.from(text), (byte) => byte.toString(16).padStart(2, "0")).join(separator);

/** A zip archive's member (APPNOTE 4.3.7) without the directory behind it. */
function zipMember(name: string, content: string): Buffer {
  const packed = deflateRawSync(content);
  const header = Buffer.alloc(30);
  header.write("PK\x03\x04", "latin1");
  header.writeUInt16LE(8, 8);
  header.writeUInt32LE(packed.length, 18);
  header.writeUInt16LE(name.length, 26);
  return Buffer.concat([header, Buffer.from(name), packed]);
}

describe("searchLeaks", () => {
  it("finds text in every usual form", () => {
    const bytes = Buffer.from(SERIAL);
    expect(finds(SERIAL, SERIAL)).toBe(true);
    expect(finds(SERIAL, Buffer.from(SERIAL, "utf16le"))).toBe(true);
    expect(finds(SERIAL, Buffer.from(SERIAL, "utf16le").swap16())).toBe(true);
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

  it("finds bytes written as hexadecimal with something between them", () => {
    for (const separator of [":", "-", " "]) {
      expect(finds("robot?7", hexOf("robot?7", separator))).toBe(true);
      expect(finds("robot?7", hexOf("robot?7", separator).toUpperCase())).toBe(true);
    }
  });

  it("finds text in URLs, forms and JSON", () => {
    const text = "客厅 Zoë&7";
    expect(finds(text, encodeURIComponent(text))).toBe(true);
    expect(finds(text, encodeURIComponent(text).toLowerCase().replace("zo", "Zo"))).toBe(true);
    expect(finds(text, new URLSearchParams({ q: text }).toString())).toBe(true);
    expect(finds(text, `%${hexOf(text, "%")}`)).toBe(true);
    expect(finds(text, "\\u5ba2\\u5385 Zo\\u00eb&7")).toBe(true);
  });

  it("finds the digits of a SIM card, wherever in a byte the first of them is", () => {
    // EF_IMSI (3GPP TS 31.102, 4.2.2): length, then parity and the first digit share a byte.
    const sim = Buffer.from("084906101832547698", "hex");
    expect(finds(IMSI, sim)).toBe(true);
    expect(finds(IMSI, Buffer.from(`${IMSI}f`, "hex"))).toBe(true);
    expect(finds(IMSI, Buffer.from(`0${IMSI}`, "hex"))).toBe(true);
    const swapped = Buffer.from(`${IMSI}f`, "hex").map((b) => ((b & 15) << 4) | (b >> 4));
    expect(finds(IMSI, swapped)).toBe(true);
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
    expect(finds(number, wide.subarray(0, 6))).toBe(true);
    wide.writeDoubleLE(Number(number));
    expect(finds(SERIAL, wide)).toBe(true);
    expect(finds(number, SERIAL)).toBe(true);
    expect(finds(number, number.toString(16).toUpperCase())).toBe(true);
  });

  it("finds real numbers as bytes, rounded, and as positioning receivers write them", () => {
    const double = Buffer.alloc(8);
    double.writeDoubleBE(48.137154);
    expect(finds(48.137154, double)).toBe(true);
    const single = Buffer.alloc(4);
    single.writeFloatLE(48.137154);
    expect(finds(48.137154, single)).toBe(true);
    const scaled = Buffer.alloc(4);
    scaled.writeInt32LE(481371540);
    expect(finds(48.137154, scaled)).toBe(true);
    expect(finds(48.1371542, "48.13715")).toBe(true);
    expect(finds(48.137154, "$GPRMC,,A,4808.2292,N")).toBe(true);
    expect(finds(1.00000001, "1.000000")).toBe(false);
  });

  it("finds addresses and ids as bytes and in other spellings", () => {
    expect(finds("192.168.17.4", Buffer.from([4, 17, 168, 192]))).toBe(true);
    const mac = "bc:0f:a7:01:02:03";
    for (const spelling of ["bc0fa7010203", "BC-0F-A7-01-02-03", "bc0f.a701.0203"]) {
      expect(finds(mac, spelling)).toBe(true);
    }
    expect(finds(mac, Buffer.from("bc0fa7010203", "hex"))).toBe(true);
    expect(finds("fe80::be0f:a7ff:fe01:203", "fe80:0000:0000:0000:be0f:a7ff:fe01:0203")).toBe(true);
    const ipv6 = Buffer.from("fe80000000000000be0fa7fffe010203", "hex");
    expect(finds("fe80::be0f:a7ff:fe01:203", ipv6)).toBe(true);
    const uuid = "6f9619ff-8b86-d011-b42d-00cf4fc964ff";
    expect(finds(uuid, Buffer.from("6f9619ff8b86d011b42d00cf4fc964ff", "hex"))).toBe(true);
    expect(finds(uuid, Buffer.from("ff19966f868b11d0b42d00cf4fc964ff", "hex"))).toBe(true);
    expect(finds(uuid, "6F9619FF8B86D011B42D00CF4FC964FF")).toBe(true);
    expect(finds("9774d56d682e549c", Buffer.from("9774d56d682e549c", "hex"))).toBe(true);
  });

  it("finds the pieces of a value that was made up for the search, not those of real words", () => {
    const value = "Qz7-kWv92xTb4nRj";
    for (const parts of [2, 3, 4]) {
      const bytes = Math.ceil(value.length / parts);
      const cut = value.match(new RegExp(`.{1,${bytes}}`, "g"))!.join("\0\0\0\0");
      expect(finds(value, cut, true)).toBe(bytes >= 6);
      expect(finds(value, cut)).toBe(false);
    }
    expect(finds("460018123456789", "4600\0 18123456789", true)).toBe(true);
    expect(finds("460018123456789", "460018\0 123456789", true)).toBe(false);
    expect(finds("三只小猫在窗边睡觉", "x小猫在y", true)).toBe(true);
  });

  it("unpacks compressed streams, also those in others", () => {
    const inner = zipMember("a.txt", `..${SERIAL}..`);
    for (const packed of [
      gzipSync(SERIAL),
      deflateSync(SERIAL),
      zipMember("a.txt", SERIAL),
      gzipSync(Buffer.concat([inner, deflateSync(inner)])),
      // Cut off, as a stream is that was being written.
      deflateSync(`${SERIAL}${seededRandom(7)(5000).toString()}`).subarray(0, 1000),
    ]) {
      expect(finds(SERIAL, packed)).toBe(true);
    }
    const hits = searchLeaks(
      [{ name: "serial", value: SERIAL }],
      [{ name: "log", bytes: Buffer.concat([Buffer.alloc(9), gzipSync(`at ${SERIAL}`)]) }],
    );
    expect(hits[0]).toMatchObject({ haystack: "log (gzip at 9)", offset: 3 });
  });

  it("finds every form of many identifiers, each at its place in noise", () => {
    const values = Array.from({ length: 300 }, (_, i) => `unit-${i}-${7919 * i ** 2 + 1e6}`);
    const search = new LeakSearch(values.map((value) => ({ name: value, value })));
    expect(search.needles).toBeGreaterThan(4000);
    for (const value of values.slice(0, 20)) {
      for (const { encoding, bytes } of needlesOf(value)) {
        const noise = seededRandom(bytes.length)(3000);
        const planted = Uint8Array.from(Buffer.concat([noise, bytes, noise]));
        const hits = search.search({ name: "planted", bytes: planted });
        expect(hits).toContainEqual(
          expect.objectContaining({ identifier: value, encoding, offset: noise.length }),
        );
      }
    }
    expect(search.search({ name: "noise", bytes: seededRandom(9)(1 << 20) })).toEqual([]);
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
