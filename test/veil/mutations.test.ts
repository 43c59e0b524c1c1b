/** 10,000 damaged artefacts: every one is refused as INTEGRITY, and nothing of it is handed out. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { HEADER_BYTES } from "../../assembly/abi.ts";
import { openVeil, openVeilFile } from "../../host/veil/open.ts";
import {
  artefactOf,
  boundaries,
  codeOf,
  frameOf,
  RECIPIENT,
  Seeded,
  STRANGER,
  sanitizerOf,
} from "./support.ts";

// A fresh core takes milliseconds; 10,000 openings share one here. Others open with their own.
vi.mock("../../host/core/core.ts", async (importOriginal) => {
  const original = await importOriginal<typeof import("../../host/core/core.ts")>();
  const shared = new original.Core();
  function SharedCore() {
    return shared;
  }
  return { ...original, Core: SharedCore };
});

const ROUNDS = process.env.MAPVEIL_LONG === "1" ? 100_000 : 10_000;

let veil: Uint8Array;
let twin: Uint8Array;
let foreign: Uint8Array;

beforeAll(async () => {
  const sanitizer = await sanitizerOf();
  const frames = [0, 1, 2].map((i) => frameOf(200 + i, { points: 300 }));
  veil = artefactOf(sanitizer, frames);
  twin = artefactOf(sanitizer, frames);
  foreign = artefactOf(await sanitizerOf({ recipient: STRANGER.publicKey }), frames);
});

/** The messages with their lengths, as slices. */
function messagesOf(bytes: Uint8Array): Uint8Array[] {
  const offsets = boundaries(bytes, HEADER_BYTES);
  return offsets.slice(0, -1).map((from, i) => bytes.slice(from, offsets[i + 1]));
}

const header = (bytes: Uint8Array) => bytes.slice(0, HEADER_BYTES);
const join_ = (...parts: Uint8Array[]) => Uint8Array.from(Buffer.concat(parts));

type Mutation = (random: Seeded) => Uint8Array;

const flipAt = (at: number, bit: number) => veil.with(at, veil[at]! ^ (1 << bit));

function swapped(random: Seeded): Uint8Array {
  const messages = messagesOf(veil);
  const i = random.below(messages.length);
  const j = (i + 1 + random.below(messages.length - 1)) % messages.length;
  [messages[i], messages[j]] = [messages[j]!, messages[i]!];
  return join_(header(veil), ...messages);
}

/** What an attacker without the key can do to a file. */
const MUTATIONS: Readonly<Record<string, Mutation>> = {
  "a flipped bit anywhere": (random) => flipAt(random.below(veil.length), random.below(8)),
  "a flipped bit in the header": (random) => flipAt(random.below(HEADER_BYTES), random.below(8)),
  "a flipped bit in a length": (random) => {
    const offsets = boundaries(veil, HEADER_BYTES).slice(0, -1);
    return flipAt(offsets[random.below(offsets.length)]! + random.below(4), random.below(8));
  },
  "random bytes over a run": (random) => {
    const copy = veil.slice();
    const at = random.below(veil.length);
    copy.set(random.bytes(1 + random.below(64)).subarray(0, veil.length - at), at);
    return copy;
  },
  "a cut at any byte": (random) => veil.slice(0, random.below(veil.length)),
  "a cut between messages": (random) => {
    const offsets = boundaries(veil, HEADER_BYTES).slice(0, -1);
    return veil.slice(0, offsets[random.below(offsets.length)]);
  },
  "messages in another order": swapped,
  "a message twice": (random) => {
    const messages = messagesOf(veil);
    const i = random.below(messages.length);
    messages.splice(random.below(messages.length + 1), 0, messages[i]!);
    return join_(header(veil), ...messages);
  },
  "a message left out": (random) => {
    const messages = messagesOf(veil);
    messages.splice(random.below(messages.length), 1);
    return join_(header(veil), ...messages);
  },
  "a message of another artefact for the same key": (random) => {
    const messages = messagesOf(veil);
    const others = messagesOf(random.below(2) ? twin : foreign);
    const i = random.below(messages.length);
    const insert = random.below(2);
    messages.splice(i, 1 - insert, others[insert ? random.below(others.length) : i]!);
    return join_(header(veil), ...messages);
  },
  "the header of another artefact": (random) =>
    join_(header(random.below(2) ? twin : foreign), ...messagesOf(veil)),
  "a part of another artefact's header": (random) => {
    const copy = veil.slice();
    const fields = [
      [10, 18],
      [18, 98],
      [98, 122],
      [122, 154],
      [186, 194],
    ] as const;
    const [from, to] = fields[random.below(fields.length)]!;
    copy.set((random.below(2) ? twin : foreign).subarray(from, to), from);
    return copy;
  },
  "bytes behind the end": (random) => {
    const count = 1 + random.below(100);
    return join_(veil, random.below(2) ? random.bytes(count) : new Uint8Array(count));
  },
  "messages behind the end": (random) => {
    const messages = messagesOf(random.below(2) ? veil : twin);
    return join_(veil, messages[random.below(messages.length)]!);
  },
  "an empty message, or one of an impossible length": (random) => {
    const offsets = boundaries(veil, HEADER_BYTES);
    const at = offsets[random.below(offsets.length)]!;
    const length = [0, 1, 16, 17, 65_553, 65_554, 0xffffffff][random.below(7)]!;
    const prefix = new Uint8Array(Uint32Array.of(length).buffer);
    return join_(veil.slice(0, at), prefix, veil.slice(at));
  },
};

const NAMES = Object.keys(MUTATIONS);

describe("a changed artefact", () => {
  test("the unchanged one opens", async () => {
    expect((await openVeil(veil, RECIPIENT)).length).toBe(3);
  });

  test(`${ROUNDS} changes are all INTEGRITY`, { timeout: 600_000 }, async () => {
    const random = new Seeded(1101);
    const accepted: string[] = [];
    let tried = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const name = NAMES[round % NAMES.length]!;
      const changed = MUTATIONS[name]!(random);
      // A field that both artefacts share is no change.
      if (Buffer.compare(changed, veil) === 0) continue;
      tried++;
      const code = await codeOf(openVeil(changed, RECIPIENT));
      if (code !== "INTEGRITY") accepted.push(`${round} ${name}: ${code}`);
    }
    expect(accepted).toEqual([]);
    expect(tried).toBeGreaterThan(0.95 * ROUNDS);
  });

  test("every bit of the header counts", { timeout: 120_000 }, async () => {
    const accepted: number[] = [];
    for (let at = 0; at < HEADER_BYTES; at++) {
      const code = await codeOf(openVeil(flipAt(at, at % 8), RECIPIENT));
      if (code !== "INTEGRITY") accepted.push(at);
    }
    expect(accepted).toEqual([]);
  });

  test("a file gives no tile before the fault, wherever it is", async () => {
    const folder = mkdtempSync(join(tmpdir(), "veil-"));
    const path = join(folder, "changed.veil");
    const random = new Seeded(1102);
    try {
      for (let round = 0; round < 200; round++) {
        const name = NAMES[round % NAMES.length]!;
        const changed = MUTATIONS[name]!(random);
        if (Buffer.compare(changed, veil) === 0) continue;
        writeFileSync(path, changed);
        const first = await codeOf(openVeilFile(path, RECIPIENT).next());
        expect([name, first]).toEqual([name, "INTEGRITY"]);
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
