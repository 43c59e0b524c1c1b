/** Nothing of what lidars' packets and their envelopes name is found in what leaves. */
import sodium from "libsodium-wrappers";
import { beforeAll, describe, expect, test } from "vitest";
import { recordHaystacks, recordsOf } from "../../host/canary/records.ts";
import { type Haystack, needlesOf, searchLeaks } from "../../host/canary/search.ts";
import { openVeil } from "../../host/veil/open.ts";
import { type PacketRecording, packetRecordings } from "../formats/packet-recordings.ts";
import { readAll, temporaryFolder, writeInput } from "../formats/samples.ts";
import { artefactOf, policyOf, RECIPIENT, sanitizerOf, seededRandom } from "../veil/support.ts";
import { identifiersOf, tileHaystacks } from "./recordings.ts";

const folder = temporaryFolder();
let recordings: PacketRecording[] = [];

beforeAll(async () => {
  await sodium.ready;
  recordings = await packetRecordings();
});

const pathOf = ({ name, content, calibration }: PacketRecording): string => {
  if (calibration !== undefined) {
    writeInput(folder, name.replace(/\.[^.]*$/, ".csv"), calibration);
  }
  return writeInput(folder, name, content);
};

describe("recordings of lidars' packets", () => {
  test("tell everything that is known of the unit, the network and the place", async () => {
    for (const recording of recordings) {
      const frames = await readAll(pathOf(recording), { reads: "all" });
      const told = frames[0]!.metadata.map(({ value }) => value);
      expect(told, recording.name).toEqual(expect.arrayContaining([...recording.known]));
    }
  });

  test.each([
    ["the built-in one", ""],
    ["one that keeps all that frames may", "pose: session\nkeep:\n  attributes: { intensity: 8 }"],
  ])("give none of it to the artefact, under a policy: %s", async (_, yaml) => {
    for (const recording of recordings) {
      const path = pathOf(recording);
      const frames = await readAll(path, { reads: "all" });
      const identifiers = identifiersOf({ ...recording, path }, frames);
      expect(identifiers.filter(({ value }) => needlesOf(value).length > 0).length).toBeGreaterThan(
        10,
      );
      const sanitizer = await sanitizerOf({ policy: policyOf(yaml), random: seededRandom(1301) });
      const veil = artefactOf(sanitizer, frames);
      const haystacks: Haystack[] = [{ name: "artefact", bytes: veil, isCiphertext: true }];
      for (const [i, record] of recordsOf(veil, RECIPIENT).entries()) {
        haystacks.push(...recordHaystacks(`frame ${i}`, record));
      }
      const tiles = await openVeil(veil, RECIPIENT);
      expect(tiles.length, recording.name).toBe(frames.length);
      for (const [i, tile] of tiles.entries()) {
        expect(tile.voxels).toBeGreaterThan(10);
        haystacks.push(...(await tileHaystacks(`frame ${i}`, tile)));
      }
      expect(searchLeaks(identifiers, haystacks), recording.name).toEqual([]);
    }
  });
});
