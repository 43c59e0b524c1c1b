/** Every recording and plan of test/data, by the commands: nothing that it says of itself leaves. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { Identifier } from "../../host/canary/identifier.ts";
import { recordHaystacks, recordsOf } from "../../host/canary/records.ts";
import { type Haystack, searchLeaks } from "../../host/canary/search.ts";
import type { Frame } from "../../host/core/frame.ts";
import { openFrames, openPlan } from "../../host/formats/index.ts";
import { readSecretKey, writeKeyPair } from "../../host/keys/index.ts";
import { openVeil } from "../../host/veil/open.ts";
import { DATA, run } from "../cli/support.ts";
import { identifiersOf, tileHaystacks } from "../leak/recordings.ts";

const FRAMES = 2;
const folder = mkdtempSync(join(tmpdir(), "carriers-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const files = readdirSync(DATA, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name))
  .filter((path) => /\.(?:pcd|ply|bag|mcap|db3|pcap|clf\.gz|yaml|json|json\.gz)$/.test(path))
  // Neither recordings nor plans by themselves; same_ports.pcap is searched in test/leak.
  .filter((path) => !/wycheproof|manifest\.json|ouster\/.*\.json|same_ports/.test(path))
  .map((path) => path.slice(DATA.length))
  .sort();

/** What the first frames say; undefined where it is no recording. */
async function framesOf(path: string): Promise<Frame[] | undefined> {
  const frames: Frame[] = [];
  try {
    const source = await openFrames(path, { reads: "all" });
    for await (const frame of source.frames()) {
      frames.push({ ...frame, data: frame.data.slice() });
      if (frames.length === FRAMES) break;
    }
    await source.close();
  } catch {
    return undefined;
  }
  return frames.length > 0 ? frames : undefined;
}

async function identifiers(name: string): Promise<Identifier[] | undefined> {
  const path = join(DATA, name);
  const frames = await framesOf(path);
  if (frames !== undefined) return identifiersOf({ name, known: [], path }, frames);
  const plan = await openPlan(path, { reads: "all" }).catch(() => undefined);
  return plan?.metadata.map(({ name: of, value }) => ({ name: of, value }));
}

/** Words that Mapveil itself may print: no digit in them, and short. */
const isWord = ({ value }: Identifier) =>
  typeof value === "string" && /^[\p{L} _/-]{1,16}$/u.test(value);

describe.each(files)("%s", (name) => {
  test("nothing leaves that it says", async () => {
    const said = await identifiers(name);
    expect(said, "it is read").toBeDefined();
    // An origin of zeros is no place.
    const found = said!.filter(({ value }) => !/^[0. ]*$/.test(String(value)));
    const key = join(folder, "recipient.key");
    await writeKeyPair(key).catch(() => {});
    const pair = await readSecretKey(key);
    const haystacks: Haystack[] = [];
    let printed = "";
    for (const command of ["sanitize", "map"]) {
      const output = join(folder, `${command}.veil`);
      rmSync(output, { force: true });
      const argv = [command, join(DATA, name), "-o", output, "--to", `${key}.pub`];
      const more = ["--in-map-frame", "--partial", "--frames", String(FRAMES), "--json"];
      const { exit, out, err } = await run(folder, ...argv, ...more);
      printed += out + err;
      if (exit !== 0) continue;
      const veil = Uint8Array.from(readFileSync(output));
      haystacks.push({ name: command, bytes: veil, isCiphertext: true });
      for (const record of recordsOf(veil, pair))
        haystacks.push(...recordHaystacks(command, record));
      for (const tile of await openVeil(veil, pair)) {
        haystacks.push(...(await tileHaystacks(command, tile)));
      }
    }
    expect(searchLeaks(found, haystacks)).toEqual([]);
    // The path is what the caller typed.
    const text = printed.replaceAll(join(DATA, name), "").replaceAll(name, "");
    const telling = found.filter((one) => !isWord(one) && !/^file.name$/.test(one.name));
    expect(searchLeaks(telling, [{ name: "printed", bytes: Buffer.from(text) }])).toEqual([]);
  });
});

test("the carriers are all there", () => {
  expect(files.length).toBeGreaterThan(15);
});
