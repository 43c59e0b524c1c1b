/** LZF, LZ4 and the checks around them: right output, and -1 for every damaged stream. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { loadDecompressor } from "../../host/formats/decompress.ts";
import { lz4Decompress } from "../../host/formats/lz4.ts";
import { lzfDecompress } from "../../host/formats/lzf.ts";
import { lzf } from "./clouds.ts";
import { lz4Frame, zstdFrame } from "./packers.ts";

/** Bytes with runs and repeats, so that matches of every kind occur. */
const bytes = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 7 }), fc.integer({ min: 1, max: 400 })), {
    maxLength: 40,
  })
  .map((runs) => Buffer.concat(runs.map(([value, length]) => Buffer.alloc(length, value))));

const codecs = [
  ["lzf", lzf, lzfDecompress],
  ["lz4", lz4Frame, lz4Decompress],
] as const;

describe.each(codecs)("%s", (_, pack, unpack) => {
  it("gives back what was packed", () => {
    fc.assert(
      fc.property(bytes, (content) => {
        const target = Buffer.alloc(content.length);
        expect(unpack(pack(content), target)).toBe(content.length);
        expect(target.equals(content)).toBe(true);
      }),
    );
  });

  it("never writes beyond the target and never throws, whatever comes", () => {
    const flips = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), { maxLength: 4 });
    fc.assert(
      fc.property(bytes, flips, fc.double({ min: 0, max: 1, noNaN: true }), (content, at, keep) => {
        const stream = pack(content);
        for (const [offset, value] of at) stream[offset % (stream.length || 1)]! ^= value;
        const target = Buffer.alloc(content.length);
        const cut = stream.subarray(0, Math.ceil(stream.length * keep));
        const length = unpack(cut, target);
        expect(length).toBeGreaterThanOrEqual(-1);
        expect(length).toBeLessThanOrEqual(target.length);
      }),
    );
  });

  it("refuses a target that is too small", () => {
    const content = Buffer.alloc(500, 3);
    expect(unpack(pack(content), Buffer.alloc(499))).toBe(-1);
  });
});

describe("loadDecompressor", () => {
  const place = { file: "x.mcap", offset: 8 };

  it("knows lz4, zstd and bz2, and nothing else", async () => {
    for (const name of ["lz4", "zstd", "bz2"]) {
      expect(await loadDecompressor(name)).toBeTypeOf("function");
    }
    expect(await loadDecompressor("rar")).toBeUndefined();
  });

  it.each([
    ["lz4", lz4Frame],
    ["zstd", zstdFrame],
  ] as const)("checks the size that %s chunks declare", async (name, pack) => {
    const unpack = (await loadDecompressor(name))!;
    const content = Buffer.alloc(300_000, 9);
    expect(content.equals(unpack(place, pack(content), content.length))).toBe(true);
    for (const size of [0, 299_999, 300_001]) {
      const attempt = () => unpack(place, pack(content), size);
      expect(attempt).toThrow(/chunk at offset 8 .* does not unpack to the declared/);
    }
    expect(() => unpack(place, pack(content), 2 ** 40)).toThrow(/at most 268435456 are read/);
  });
});
