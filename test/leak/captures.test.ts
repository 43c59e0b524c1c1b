/** Nothing leaks: no identifier of a real capture is found in what leaves, in any form. */
import sodium from "libsodium-wrappers";
import { beforeAll, describe, expect, test } from "vitest";
import { recordHaystacks, recordsOf } from "../../host/canary/records.ts";
import { type Haystack, needlesOf, searchLeaks } from "../../host/canary/search.ts";
import { openVeil } from "../../host/veil/open.ts";
import { Sanitizer } from "../../host/veil/sanitizer.ts";
import { policyOf, RECIPIENT, seededRandom } from "../veil/support.ts";
import { CAPTURES, framesOf, identifiersOf, tileHaystacks } from "./recordings.ts";

const POLICIES: Readonly<Record<string, string>> = {
  default: "",
  session: "pose: session",
  "session, as much as a level of frames may keep":
    "pose: session\npoint: centroid\ncentroid_bits: 6\npadding: padme\n" +
    "keep:\n  attributes: { intensity: 8 }",
};

beforeAll(() => sodium.ready);

describe.each(CAPTURES)("$name", (capture) => {
  test.each(Object.keys(POLICIES))("nothing leaks under the policy: %s", async (policy) => {
    const frames = await framesOf(capture);
    const identifiers = identifiersOf(capture, frames);
    const sanitizer = await Sanitizer.create({
      policy: policyOf(POLICIES[policy]!),
      recipient: RECIPIENT.publicKey,
      random: seededRandom(1201),
    });
    const artefact = sanitizer.begin();
    const parts = [artefact.header, ...frames.map((frame) => artefact.add(frame).bytes)];
    const veil = Uint8Array.from(Buffer.concat([...parts, artefact.end()]));
    const haystacks: Haystack[] = [{ name: "artefact", bytes: veil, isCiphertext: true }];
    for (const [i, record] of recordsOf(veil, RECIPIENT).entries()) {
      haystacks.push(...recordHaystacks(`frame ${i}`, record));
    }
    const tiles = await openVeil(veil, RECIPIENT);
    expect(tiles.length).toBe(frames.length);
    for (const [i, tile] of tiles.entries()) {
      expect(tile.voxels).toBeGreaterThan(10);
      haystacks.push(...(await tileHaystacks(`frame ${i}`, tile)));
    }
    expect(identifiers.filter(({ value }) => needlesOf(value).length > 0).length).toBeGreaterThan(
      20,
    );
    expect(searchLeaks(identifiers, haystacks)).toEqual([]);
  });

  test("the search finds the identifiers where they are put", async () => {
    const identifiers = identifiersOf(capture, await framesOf(capture));
    const searched = identifiers.filter(({ value }) => needlesOf(value).length > 0);
    const noise = seededRandom(1202)(5000);
    for (const { name, value } of searched) {
      for (const { encoding, bytes } of needlesOf(value)) {
        const planted = Uint8Array.from(Buffer.concat([noise, bytes, noise]));
        const hits = searchLeaks([{ name, value }], [{ name: "planted", bytes: planted }]);
        expect(hits.map((hit) => hit.encoding)).toContain(encoding);
      }
    }
  });

  test("the searched forms include bytes, texts and numbers of each kind", async () => {
    const identifiers = identifiersOf(capture, await framesOf(capture));
    const encodings = identifiers.flatMap(({ value }) => needlesOf(value).map((n) => n.encoding));
    for (const form of ["utf-8", "utf-16le", "hex", "HEX", "base64, phase 0", "base64, phase 2"]) {
      expect(encodings).toContain(form);
    }
    for (const form of ["u64be", "u64le", "f64be", "f64le"]) expect(encodings).toContain(form);
  });
});
