/** Nothing of what lidars' packets and their envelopes name is found in what leaves. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import sodium from "libsodium-wrappers";
import { beforeAll, describe, expect, test } from "vitest";
import { recordHaystacks, recordsOf } from "../../host/canary/records.ts";
import { type Haystack, needlesOf, searchLeaks } from "../../host/canary/search.ts";
import { readSecretKey } from "../../host/keys/index.ts";
import { openVeil } from "../../host/veil/open.ts";
import { run } from "../cli/support.ts";
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

  test("give none of it to what `mapveil sanitize` writes and says", async () => {
    await run(folder, "keygen", "-o", "home.key");
    const key = await readSecretKey(join(folder, "home.key"));
    for (const recording of recordings) {
      const path = pathOf(recording);
      const frames = await readAll(path, { reads: "all" });
      // The path of the input is what the caller typed.
      const identifiers = identifiersOf({ ...recording, path }, frames).filter(
        ({ name }) => !/^file.name$/.test(name),
      );
      const argv = [
        "sanitize",
        path,
        "-o",
        "out.veil",
        "--to",
        "home.key.pub",
        "--force",
        "--json",
      ];
      const ran = await run(folder, ...argv);
      expect(ran, recording.name).toMatchObject({ exit: 0, err: "" });
      const veil = readFileSync(join(folder, "out.veil"));
      const haystacks: Haystack[] = [
        { name: "artefact", bytes: veil, isCiphertext: true },
        { name: "what it said", bytes: Buffer.from(ran.out) },
      ];
      for (const [i, record] of recordsOf(veil, key).entries()) {
        haystacks.push(...recordHaystacks(`frame ${i}`, record));
      }
      expect(searchLeaks(identifiers, haystacks), recording.name).toEqual([]);
    }
  });

  test("leave no value in the memory of who reads them unasked", () => {
    const script = fileURLToPath(new URL("read-and-dump.ts", import.meta.url));
    // The topic that is read stays known, so that its messages are told from others.
    const known = recordings.flatMap((one) => one.known).filter((value) => !value.startsWith("/"));
    const dumpOf = (reads: string) => {
      const out = join(folder, `${reads}.heapsnapshot`);
      const argv = ["--import", "tsx", script, reads, out, ...recordings.map(pathOf)];
      expect(spawnSync(process.execPath, argv).stderr.toString()).toBe("");
      return readFileSync(out, "utf8");
    };
    const texts = known.map((value) => JSON.stringify(value).slice(1, -1));
    const [all, none] = [dumpOf("all"), dumpOf("none")];
    expect(texts.filter((value) => !all.includes(value))).toEqual([]);
    expect(texts.filter((value) => none.includes(value))).toEqual([]);
  });
});
