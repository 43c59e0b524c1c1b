import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sodium from "libsodium-wrappers";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { epochStartMs, RobotKeys, systemRandom } from "../../host/keys/index.ts";
import { errorOf, hex, seededRandom } from "./support.ts";

let folder: string;
let path: string;
const NOON = Date.UTC(2026, 2, 1, 12);
const DAY_MS = 86_400_000;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "robot-keys-"));
  path = join(folder, "robot.key");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe("the file", () => {
  test("is made at the first start, for its owner alone, and read at the next", async () => {
    const first = await RobotKeys.load(folder, systemRandom);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(["robot.key"]);
    const text = await readFile(path, "utf8");
    const second = await RobotKeys.load(folder, () => {
      throw new Error("no randomness is needed");
    });
    expect(second.signingPublicKey).toEqual(first.signingPublicKey);
    expect(second.artefactId(SCOPE, 7)).toBe(first.artefactId(SCOPE, 7));
    expect(await readFile(path, "utf8")).toBe(text);
  });

  test("two first starts at the same time agree", async () => {
    const both = await Promise.all([1, 2, 3].map(() => RobotKeys.load(folder, systemRandom)));
    expect(new Set(both.map((keys) => hex(keys.signingPublicKey))).size).toBe(1);
    expect(await readdir(folder)).toEqual(["robot.key"]);
  });

  test("is refused if others may use it", async () => {
    await RobotKeys.load(folder, systemRandom);
    for (const mode of [0o640, 0o604, 0o620]) {
      await chmod(path, mode);
      const error = await errorOf(() => RobotKeys.load(folder, systemRandom));
      expect(error.code).toBe("CONFIG");
      expect(error.message).toContain("chmod 600");
    }
  });

  test("with any character changed or cut is refused, named, and left as it is", async () => {
    await RobotKeys.load(folder, seededRandom("robot"));
    const text = await readFile(path, "utf8");
    const line = text.split("\n").find((one) => !one.startsWith("#"))!;
    const at = text.indexOf(line);
    const changed: string[] = ["", "# only a comment\n", `${text}${line}\n`];
    for (let i = 0; i < line.length; i++) {
      const other = line[i] === "A" ? "B" : "A";
      changed.push(text.slice(0, at + i) + other + text.slice(at + i + 1));
      changed.push(text.slice(0, at + i));
    }
    for (const bad of changed) {
      await writeFile(path, bad, { mode: 0o600 });
      const error = await errorOf(() => RobotKeys.load(folder, systemRandom));
      expect(error.code).toBe("CONFIG");
      expect(error.message).toContain("backup");
      // Nothing of the secrets is repeated.
      expect(error.message).not.toContain(line.slice(20, 40));
      expect(await readFile(path, "utf8")).toBe(bad);
    }
  });

  test("that cannot be made is an error of the disk", async () => {
    const missing = await errorOf(() => RobotKeys.load(join(folder, "none"), systemRandom));
    expect(missing.code).toBe("IO");
  });
});

describe("signatures", () => {
  test("verify with the public key, and with nothing changed", async () => {
    await sodium.ready;
    const keys = await RobotKeys.load(folder, seededRandom("robot"));
    const bytes = new TextEncoder().encode("entry");
    const signature = keys.sign(bytes);
    const { signingPublicKey } = keys;
    expect(sodium.crypto_sign_verify_detached(signature, bytes, signingPublicKey)).toBe(true);
    bytes[0]! ^= 1;
    expect(sodium.crypto_sign_verify_detached(signature, bytes, signingPublicKey)).toBe(false);
  });
});

const SCOPE = { recipient: "00112233445566aa", purpose: "provide" };

describe("pseudonyms", () => {
  test("are the same all epoch, and others for every epoch, recipient, purpose and robot", async () => {
    const keys = await RobotKeys.load(folder, seededRandom("robot"));
    const name = (wallMs: number, scope = SCOPE, epochMs = DAY_MS) =>
      keys.sourcePseudonym(scope, epochMs, wallMs);
    const one = name(NOON);
    expect(one).toMatch(/^[0-9a-f]{32}$/);
    const midnight = epochStartMs(DAY_MS, NOON);
    expect(name(midnight)).toBe(one);
    expect(name(midnight + DAY_MS - 1)).toBe(one);
    const names = new Set([one]);
    for (let day = 1; day <= 30; day++) names.add(name(NOON + day * DAY_MS));
    // Of two lengths, from the same moment on.
    names.add(name(midnight, SCOPE, 2 * DAY_MS)).add(name(midnight, SCOPE, DAY_MS / 2));
    names.add(name(NOON, { ...SCOPE, recipient: "00112233445566ab" }));
    names.add(name(NOON, { ...SCOPE, recipient: "" }));
    for (const purpose of ["analyse", "research", "protect", ""]) {
      names.add(name(NOON, { ...SCOPE, purpose }));
    }
    // The same bytes, cut elsewhere.
    names.add(name(NOON, { recipient: "00112233445566aap", purpose: "rovide" }));
    await rm(path);
    const other = await RobotKeys.load(folder, seededRandom("another robot"));
    names.add(other.sourcePseudonym(SCOPE, DAY_MS, NOON));
    expect(names.size).toBe(41);
  });

  test("are refused for no time at all", async () => {
    const keys = await RobotKeys.load(folder, seededRandom("robot"));
    for (const wallMs of [Number.NaN, -1, Number.POSITIVE_INFINITY]) {
      expect((await errorOf(() => keys.sourcePseudonym(SCOPE, DAY_MS, wallMs))).code).toBe("USAGE");
    }
  });
});

describe("ids of artefacts", () => {
  test("are the robot's to name again, in each scope others, and nobody else's", async () => {
    const keys = await RobotKeys.load(folder, seededRandom("robot"));
    const ids = Array.from({ length: 1000 }, (_, serial) => keys.artefactId(SCOPE, serial));
    const research = { ...SCOPE, purpose: "research" };
    const elsewhere = { ...SCOPE, recipient: "00112233445566ab" };
    for (const scope of [research, elsewhere]) {
      for (let serial = 0; serial < 1000; serial++) ids.push(keys.artefactId(scope, serial));
    }
    expect(new Set(ids).size).toBe(3000);
    expect(ids.every((id) => /^a[0-9a-f]{32}$/.test(id))).toBe(true);
    expect(keys.artefactId(SCOPE, 2 ** 32)).not.toBe(keys.artefactId(SCOPE, 0));
    expect(keys.artefactId(SCOPE, 5)).toBe(ids[5]);
    for (const serial of [-1, 0.5, Number.NaN, 2 ** 53]) {
      expect((await errorOf(() => keys.artefactId(SCOPE, serial))).code).toBe("USAGE");
    }
  });

  test("are not what deletes them", async () => {
    const keys = await RobotKeys.load(folder, seededRandom("robot"));
    const id = keys.artefactId(SCOPE, 1);
    const key = keys.deletionKey(id);
    expect(key.length).toBe(32);
    expect(keys.deletionKey(id)).toEqual(key);
    expect(keys.deletionKey(keys.artefactId(SCOPE, 2))).not.toEqual(key);
    expect(Buffer.from(key).toString("hex")).not.toContain(id.slice(1));
  });
});

test("nothing works after the wipe", async () => {
  const keys = await RobotKeys.load(folder, seededRandom("robot"));
  keys.wipe();
  expect((await errorOf(() => keys.sign(new Uint8Array(1)))).code).toBe("USAGE");
  expect((await errorOf(() => keys.artefactId(SCOPE, 1))).code).toBe("USAGE");
  expect((await errorOf(() => keys.sourcePseudonym(SCOPE, DAY_MS, NOON))).code).toBe("USAGE");
});
