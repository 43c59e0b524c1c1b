/**
 * What the size of an artefact tells of the home it was made in. Sizes are a function of the home, so
 * that an observer learns as many bits as the classes have entropy: over 2,000 made-up homes, beside
 * Padmé (Nikitin et al., PoPETs 2019), powers of two and blocks of 1 KiB on the same tiles. First
 * classes were fitted to homes of another seed.
 *
 * Tiles of all 2,000 stand in home-sizes.json; every 16th home is made, mapped and sealed here, and
 * must give the same bytes. All of them: MAPVEIL_LONG=1.
 */
import { readFileSync } from "node:fs";
import { beforeAll, expect, test } from "vitest";
import { HEADER_BYTES, MESSAGE_OVERHEAD } from "../../assembly/abi.ts";
import { firstClassBytes, type SizedKind } from "../../host/policy/size-classes.ts";
import { LENGTH_BYTES } from "../../host/veil/messages.ts";
import { homeMeasure, RELEASES, type Sizes } from "./home-sizes.ts";

const EVERY = process.env.MAPVEIL_LONG === "1" ? 1 : 16;
const SEALED_BYTES = HEADER_BYTES + LENGTH_BYTES + MESSAGE_OVERHEAD;

const FIRST: Readonly<Record<(typeof RELEASES)[number], readonly [SizedKind, number]>> = {
  map: ["flat map", 0.1],
  plan: ["grid", 0.2],
  path: ["path", 1],
};

const { seed, ...known } = JSON.parse(
  readFileSync(new URL("home-sizes.json", import.meta.url), "utf8"),
) as { readonly seed: number } & Readonly<Record<(typeof RELEASES)[number], readonly number[]>>;

const nextPower = (bytes: number) => 2 ** Math.ceil(Math.log2(bytes));
function padme(bytes: number): number {
  const exponent = Math.floor(Math.log2(bytes));
  const step = 2 ** (exponent - Math.floor(Math.log2(exponent)) - 1);
  return Math.ceil(bytes / step) * step;
}
const classesFrom = (first: number) => (bytes: number) =>
  first * nextPower(Math.max(1, bytes / first));

/** What an observer of the sizes learns, and what hiding them costs. */
function tells(tiles: readonly number[], pad: (bytes: number) => number) {
  const counts = new Map<number, number>();
  for (const bytes of tiles) counts.set(pad(bytes), (counts.get(pad(bytes)) ?? 0) + 1);
  const shares = [...counts.values()].map((count) => count / tiles.length);
  const sum = (of: (bytes: number) => number) =>
    tiles.reduce((total, bytes) => total + of(bytes) + SEALED_BYTES, 0);
  return {
    bits: shares.reduce((total, share) => total - share * Math.log2(share), 0),
    overhead: sum(pad) / sum((bytes) => bytes) - 1,
    homesOfAClass: Math.min(...counts.values()),
    classes: counts.size,
  };
}

const measured = new Map<number, Sizes>();
beforeAll(async () => {
  const measure = await homeMeasure(seed);
  for (let index = 0; index < known.map.length; index += EVERY) measured.set(index, measure(index));
});

test.each(RELEASES)(
  "%s: the product gives the tiles of the table, each in its class",
  (release) => {
    const pad = classesFrom(firstClassBytes(...FIRST[release]));
    let sealed = 0;
    for (const [index, sizes] of measured) {
      const made = sizes[release];
      expect([index, made?.tile ?? 0]).toEqual([index, known[release][index]]);
      if (made === undefined) continue;
      expect(made.veil).toBe(pad(made.tile) + SEALED_BYTES);
      sealed++;
    }
    expect(sealed).toBeGreaterThan(0.98 * measured.size);
  },
);

test.each(RELEASES)(
  "%s: sizes tell at most 0.75 bit of 2,000 homes, at less than half more bytes",
  (release) => {
    const tiles = known[release].filter((bytes) => bytes > 0);
    expect(known[release]).toHaveLength(2000);
    expect(tiles.length).toBeGreaterThan(1980);
    const modes = {
      none: (bytes: number) => bytes,
      padme,
      "1 KiB": (bytes: number) => 1024 * Math.ceil(bytes / 1024),
      "power of two": nextPower,
      "from 4 KiB": (bytes: number) => Math.max(4096, nextPower(bytes)),
      classes: classesFrom(firstClassBytes(...FIRST[release])),
    };
    const found = Object.fromEntries(
      Object.entries(modes).map(([name, pad]) => [name, tells(tiles, pad)]),
    ) as Record<keyof typeof modes, ReturnType<typeof tells>>;
    for (const [name, { bits, overhead, homesOfAClass, classes }] of Object.entries(found)) {
      console.log(
        `${release}, ${name}: ${bits.toFixed(2)} bit, ${(100 * overhead).toFixed(0)} % more bytes, ` +
          `${classes} classes, the rarest of ${homesOfAClass} homes`,
      );
    }
    expect(found.classes.bits).toBeLessThanOrEqual(0.75);
    expect(found.classes.overhead).toBeLessThanOrEqual(0.5);
    expect(found.classes.homesOfAClass).toBeGreaterThanOrEqual(50);
    // Peers at no more than half more bytes tell more; the attack is no formality.
    expect(found.none.bits).toBeGreaterThan(4);
    expect(found.padme.bits).toBeGreaterThan(1.9);
    for (const peer of [found.padme, found["power of two"], found["1 KiB"], found["from 4 KiB"]]) {
      expect(peer.overhead > 0.5 || peer.bits > found.classes.bits).toBe(true);
    }
  },
);
