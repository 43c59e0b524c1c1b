import { describe, expect, test } from "vitest";
import { HEADER_BYTES, KIND_MAP, MESSAGE_OVERHEAD } from "../../assembly/abi.ts";
import { type Artefact, open, seal, toFile } from "./artefact.ts";
import { BUILDS, Core, type Material, Seeded } from "./module.ts";

const CHUNK = 300;
const UNTOUCHED = 0xee;
const MUTATIONS = 10_000;

interface Original {
  material: Material;
  plain: Uint8Array;
  artefact: Artefact;
}

/** Returns the bytes and the key offered to the opener. */
type Mutation = (
  random: Seeded,
  mine: Original,
  other: Original,
  sameKey: Original,
) => { file: Uint8Array; key?: Uint8Array };

const rebuild = (mine: Original, change: (messages: Uint8Array[]) => void) => {
  const messages = [...mine.artefact.messages];
  change(messages);
  return { file: toFile({ header: mine.artefact.header, messages }) };
};

const MUTATION_KINDS: Record<string, Mutation> = {
  "a flipped bit": (random, mine) => {
    const file = toFile(mine.artefact);
    const at = random.below(file.length);
    file[at] = file[at]! ^ (1 << random.below(8));
    return { file };
  },
  "a cut between messages": (random, mine) => {
    const whole = random.below(mine.artefact.messages.length);
    return {
      file: toFile(mine.artefact).slice(0, HEADER_BYTES + whole * (CHUNK + MESSAGE_OVERHEAD)),
    };
  },
  "a cut anywhere": (random, mine) => {
    const file = toFile(mine.artefact);
    return { file: file.slice(0, random.below(file.length)) };
  },
  "two messages swapped": (random, mine) =>
    rebuild(mine, (messages) => {
      const a = random.below(messages.length);
      const b = (a + 1 + random.below(messages.length - 1)) % messages.length;
      [messages[a], messages[b]] = [messages[b]!, messages[a]!];
    }),
  "a message repeated": (random, mine) =>
    rebuild(mine, (messages) => {
      const at = random.below(messages.length);
      messages.splice(at, 0, messages[at]!);
    }),
  "a message left out": (random, mine) =>
    rebuild(mine, (messages) => messages.splice(random.below(messages.length), 1)),
  "a message of another artefact": (random, mine, other) =>
    rebuild(mine, (messages) => {
      const at = random.below(4);
      messages[at] = other.artefact.messages[at]!;
    }),
  "a message of another artefact under the same data key": (random, mine, _other, sameKey) =>
    rebuild(mine, (messages) => {
      const at = random.below(4);
      messages[at] = sameKey.artefact.messages[at]!;
    }),
  "the rest of another artefact under the same data key": (random, mine, _other, sameKey) =>
    rebuild(mine, (messages) => {
      const at = random.below(4);
      messages.splice(at, Infinity, ...sameKey.artefact.messages.slice(at));
    }),
  "the header of another artefact": (random, mine, other, sameKey) => {
    const header = (random.below(2) ? other : sameKey).artefact.header;
    const key = random.below(2) ? mine.material.dataKey : other.material.dataKey;
    return { file: toFile({ header, messages: mine.artefact.messages }), key };
  },
  "another key": (random, mine, other) => {
    const key = mine.material.dataKey.slice();
    const bit = random.below(256);
    key[bit >> 3] = key[bit >> 3]! ^ (1 << (bit & 7));
    return { file: toFile(mine.artefact), key: random.below(2) ? key : other.material.dataKey };
  },
  "trailing bytes": (random, mine) => ({
    file: Uint8Array.from([...toFile(mine.artefact), ...random.bytes(1 + random.below(400))]),
  }),
};

/** Three artefacts for one recipient; the third reuses the data key of the first. */
async function originals(core: Core, fresh: Core, random: Seeded): Promise<Original[]> {
  const make = (on: Core, material: Material): Original => {
    const plain = random.bytes(4 * CHUNK + (random.below(2) ? 0 : 1 + random.below(CHUNK - 1)));
    return { material, plain, artefact: seal(on, material, KIND_MAP, plain, CHUNK) };
  };
  const mine = random.material();
  const other = { ...random.material(), keyId: mine.keyId };
  // Only another instance can do this: the one that used the key refuses it.
  const sameKey = { ...mine, streamHeader: random.bytes(24) };
  return [make(core, mine), make(core, other), make(fresh, sameKey)];
}

describe.each(BUILDS)("mutated artefacts on the %s build", (build) => {
  test(`${MUTATIONS} mutations are refused, and no unverified byte is handed out`, async () => {
    const [core, fresh] = [await Core.load(build), await Core.load(build)];
    const random = new Seeded(21);
    const kinds = Object.entries(MUTATION_KINDS);
    const refused = new Map<string, number>();
    let sets: Original[] = [];
    for (let i = 0; i < MUTATIONS; i++) {
      if (i % 100 === 0) {
        sets = await originals(core, fresh, random);
        for (const { material, plain, artefact } of sets) {
          const whole = open(core, material.dataKey, toFile(artefact), CHUNK);
          expect(whole).toEqual({ status: KIND_MAP, verified: plain.length });
          expect(Buffer.compare(core.plain.subarray(0, plain.length), plain)).toBe(0);
        }
      }
      const [mine, other, sameKey] = sets as [Original, Original, Original];
      const [name, mutate] = kinds[i % kinds.length]!;
      const { file, key } = mutate(random, mine, other, sameKey);
      const window = core.plain.subarray(0, 8 * CHUNK).fill(UNTOUCHED);
      const { status, verified } = open(core, key ?? mine.material.dataKey, file, CHUNK);
      if (status >= 0) throw new Error(`${name} was accepted (mutation ${i})`);
      const leaked = window.subarray(verified).some((byte) => byte !== UNTOUCHED);
      if (leaked) throw new Error(`${name} left bytes behind the verified ones (mutation ${i})`);
      const prefix = mine.plain.subarray(0, verified);
      if (Buffer.compare(window.subarray(0, verified), prefix) !== 0) {
        throw new Error(`${name} gave other bytes (mutation ${i})`);
      }
      refused.set(name, (refused.get(name) ?? 0) + 1);
    }
    expect([...refused.keys()].sort()).toEqual(Object.keys(MUTATION_KINDS).sort());
    expect(Math.min(...refused.values())).toBeGreaterThan(800);
  });
});
