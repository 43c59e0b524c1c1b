/**
 * An attacker who knows the vendor and the form of a serial number tries all of them. A hash without a
 * key falls at once; the robot's pseudonyms give nothing away, and nothing links two of them.
 */
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sodium from "libsodium-wrappers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { epochStartMs, RobotKeys } from "../../host/keys/index.ts";
import { seededRandom } from "../keys/support.ts";
import { seeded } from "../uplink/fixture.ts";

await sodium.ready;

const ROBOTS = 64;
const EPOCH_MS = 86_400_000;
const NOW_MS = 1_800_000_000_000;
const RECIPIENT = "00112233445566aa";
const PROVIDE = { recipient: RECIPIENT, purpose: "provide" };

interface Robot {
  readonly serial: string;
  readonly mac: string;
  readonly keys: RobotKeys;
}

const root = mkdtempSync(join(tmpdir(), "brute-"));
const robots: Robot[] = [];

/** Ouster: twelve digits of which the first six are the week and the line; an OUI and 24 bits. */
const SERIAL_PREFIX = "122209";
const OUI = "bc:0f:a7";
const CANDIDATES = 10 ** 6;
const serialOf = (number: number) => SERIAL_PREFIX + String(number).padStart(6, "0");
/** A range of 10^6 addresses as one vendor gives them to one product. */
const macOf = (number: number) => {
  const digits = (0x100000 + number).toString(16).padStart(6, "0");
  return `${OUI}:${digits.match(/../g)!.join(":")}`;
};

beforeAll(async () => {
  const random = seeded(42);
  for (let i = 0; i < ROBOTS; i++) {
    const folder = mkdtempSync(join(root, "robot-"));
    const keys = await RobotKeys.load(folder, seededRandom(`robot ${i}`));
    const [serial, mac] = [serialOf, macOf].map((of) => of(Math.floor(random() * CANDIDATES)));
    robots.push({ serial: serial!, mac: mac!, keys });
  }
});
afterAll(() => rmSync(root, { recursive: true }));

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex").slice(0, 32);
const blake2b = (text: string) =>
  Buffer.from(sodium.crypto_generichash(16, text, null)).toString("hex");

/** How many of the names some candidate gives, by any of the ways of an attacker. */
function broken(names: ReadonlySet<string>, ways: readonly ((text: string) => string)[]): number {
  const found = new Set<string>();
  for (let number = 0; number < CANDIDATES; number++) {
    for (const text of [serialOf(number), macOf(number)]) {
      for (const way of ways) {
        const name = way(text);
        if (names.has(name)) found.add(name);
      }
    }
  }
  return found.size;
}

const pseudonyms = () =>
  new Set(robots.map(({ keys }) => keys.sourcePseudonym(PROVIDE, EPOCH_MS, NOW_MS)));

describe("all serials of a vendor's week, and all addresses of a product", () => {
  test("break every unkeyed hash of them within seconds", () => {
    const serials = new Set(robots.map(({ serial }) => sha256(serial)));
    const macs = new Set(robots.map(({ mac }) => sha256(mac)));
    const beganMs = performance.now();
    expect(broken(new Set([...serials, ...macs]), [sha256])).toBe(serials.size + macs.size);
    console.log(
      `Unkeyed: ${2 * ROBOTS} of ${2 * ROBOTS} in ${((performance.now() - beganMs) / 1000).toFixed(1)} s.`,
    );
  });

  test("give none of the pseudonyms, neither hashed alone nor with all that is public", () => {
    const names = pseudonyms();
    expect(names.size).toBe(ROBOTS);
    const start = epochStartMs(EPOCH_MS, NOW_MS);
    const ways = [sha256, (text: string) => sha256(`${text}${RECIPIENT}provide${start}`)];
    expect(broken(names, ways)).toBe(0);
  });

  test("give none with a key that is not the robot's, nor as the key itself", () => {
    const names = pseudonyms();
    // Another robot's derived key, as if one robot had been taken apart.
    const wrong = sodium.crypto_kdf_derive_from_key(32, 1, "mvsource", new Uint8Array(32).fill(7));
    const keyed = (text: string) =>
      Buffer.from(sodium.crypto_generichash(16, text, wrong)).toString("hex");
    expect(broken(names, [keyed, blake2b])).toBe(0);
  });
});

/** Bits in which two names of 128 bits differ. */
function distance(a: string, b: string): number {
  let bits = 0;
  for (let i = 0; i < a.length; i++) {
    const other = Number.parseInt(a[i]!, 16) ^ Number.parseInt(b[i]!, 16);
    bits += [0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4][other]!;
  }
  return bits;
}

/** Bytes that stand at the same place in both. */
function sharedBytes(a: string, b: string): number {
  const [x, y] = [Buffer.from(a, "hex"), Buffer.from(b, "hex")];
  return x.reduce((sum, byte, i) => sum + (byte === y[i] ? 1 : 0), 0);
}

/** The two names of one robot in two scopes, over so many robots and epochs; and of two robots. */
describe.each([
  ["epochs", PROVIDE, PROVIDE, EPOCH_MS],
  ["recipients", PROVIDE, { ...PROVIDE, recipient: "ffeeddccbbaa9988" }, 0],
  ["purposes", PROVIDE, { ...PROVIDE, purpose: "research" }, 0],
] as const)("pseudonyms for two %s", (_, one, two, laterMs) => {
  const DAYS = 200;
  const pairs = () =>
    robots.flatMap(({ keys }) =>
      Array.from({ length: DAYS }, (_value, day) => {
        const atMs = NOW_MS + day * EPOCH_MS;
        return [
          keys.sourcePseudonym(one, EPOCH_MS, atMs),
          keys.sourcePseudonym(two, EPOCH_MS, atMs + laterMs),
        ] as const;
      }),
    );

  test("share no name, and no more bits and bytes than chance gives", () => {
    const own = pairs();
    const [left, right] = [new Set(own.map(([a]) => a)), new Set(own.map(([, b]) => b))];
    if (laterMs === 0) expect([...left].filter((name) => right.has(name))).toEqual([]);
    for (const [a, b] of own) expect(a).not.toBe(b);
    // 128 fair bits: mean 64, variance 32. The mean of n pairs stays within five of its deviations.
    const bits = own.reduce((sum, [a, b]) => sum + distance(a, b), 0) / own.length;
    expect(Math.abs(bits - 64)).toBeLessThan(5 * Math.sqrt(32 / own.length));
    // Sixteen places, each the same with 1 in 256.
    const shared = own.reduce((sum, [a, b]) => sum + sharedBytes(a, b), 0) / own.length;
    expect(Math.abs(shared - 16 / 256)).toBeLessThan(5 * Math.sqrt(16 / 256 / own.length));
  });

  test("are not nearer to each other than to another robot's: the best guess is a guess", () => {
    let hits = 0;
    const names = robots.map(({ keys }) => [
      keys.sourcePseudonym(one, EPOCH_MS, NOW_MS),
      keys.sourcePseudonym(two, EPOCH_MS, NOW_MS + laterMs),
    ]);
    for (const [a, own] of names as [string, string][]) {
      const nearest = names.map(([, b]) => distance(a, b!));
      if (distance(a, own) === Math.min(...nearest)) hits++;
    }
    // One in 64 by chance, ties included some two; eight would be a link.
    expect(hits).toBeLessThan(8);
  });
});

test("the ids of artefacts and the keys that delete them tell no serial and no order", () => {
  const { keys } = robots[0]!;
  const ids = Array.from({ length: 5_000 }, (_, serial) =>
    keys.artefactId(PROVIDE, serial).slice(1),
  );
  const neighbours = ids.slice(1).map((id, i) => distance(id, ids[i]!));
  const mean = neighbours.reduce((a, b) => a + b, 0) / neighbours.length;
  expect(Math.abs(mean - 64)).toBeLessThan(5 * Math.sqrt(32 / neighbours.length));
  const others = Array.from({ length: 5_000 }, (_, serial) =>
    keys.artefactId({ ...PROVIDE, purpose: "analyse" }, serial).slice(1),
  );
  const known = new Set(ids);
  expect(others.filter((id) => known.has(id))).toEqual([]);
});
