/** The same plays on every machine and in every build, held against golden hashes. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as abi from "../../../assembly/abi.ts";
import { modulePath } from "../../../host/embed/tools/build-c.ts";
import { type Build, buildName, buildPlayer } from "./build.ts";
import type { Check } from "./check.ts";
import { ALL_MACHINES, BOARDS, MACHINES } from "./machines.ts";
import { byPlay, DUMP, difference, hashOf } from "./output.ts";
import { playWasm } from "./play-wasm.ts";
import { PROFILES, type Profile, playsFile, playsOf } from "./plays.ts";
import { run } from "./run-command.ts";
import type { Tool } from "./tools.ts";

const GOLDEN = fileURLToPath(new URL("golden.json", import.meta.url));

/** Hash of all answers to a play, by profile and play. */
type Golden = Readonly<Record<Profile, Readonly<Record<string, string>>>>;

const readGolden = (): Golden => JSON.parse(readFileSync(GOLDEN, "utf8"));

interface Expected {
  readonly plays: Buffer;
  /** What the baseline module answers in Node. */
  readonly output: Buffer;
}

const expected = new Map<Profile, Promise<Expected>>();

/** The file of plays of a profile, and what must come out; made once. */
function expectedOf(profile: Profile): Promise<Expected> {
  const made =
    expected.get(profile) ??
    playsOf(profile).then((all) => {
      const plays = playsFile(all);
      return { plays, output: playWasm(modulePath(profile, false), plays) };
    });
  expected.set(profile, made);
  return made;
}

async function hashesOf(profile: Profile, output: Buffer): Promise<Record<string, string>> {
  const names = ["before any play", ...(await playsOf(profile)).map(({ name }) => name)];
  const hashes = byPlay(output).map(hashOf);
  if (names.length !== hashes.length) throw new Error(`${hashes.length} of ${names.length} plays`);
  return Object.fromEntries(names.map((name, i) => [name, hashes[i]!]));
}

/** Takes what Node computes for the truth: for a change of the core that changes bytes on purpose. */
export async function updateGolden(): Promise<void> {
  const golden: Record<string, unknown> = {};
  for (const profile of PROFILES) {
    golden[profile] = await hashesOf(profile, (await expectedOf(profile)).output);
  }
  writeFileSync(GOLDEN, `${JSON.stringify(golden, null, 2)}\n`);
}

/** Both modules of a profile in Node, against the golden hashes. */
function nodeCheck(profile: Profile): Check {
  return {
    name: `golden: node ${profile}`,
    tools: [],
    run: async () => {
      const { plays, output } = await expectedOf(profile);
      const golden = readGolden()[profile];
      const hashes = await hashesOf(profile, output);
      const names = new Set([...Object.keys(golden), ...Object.keys(hashes)]);
      const other = [...names].filter((name) => golden[name] !== hashes[name]);
      if (other.length > 0) {
        throw new Error(
          `other bytes than golden.json says, for ${other.join("; ")} ` +
            "(--update takes them for the truth)",
        );
      }
      const first = difference(output, playWasm(modulePath(profile, true), plays));
      if (first !== undefined) throw new Error(`the SIMD module differs: ${first}`);
      return `${names.size} plays, ${output.length} bytes, baseline and SIMD`;
    },
  };
}

/** Hashes of records by play, of those that came so far. */
async function recordsOf(profile: Profile): Promise<Map<string, string>> {
  const plays = await playsOf(profile);
  const all = byPlay((await expectedOf(profile)).output).slice(1);
  const sealed = new Map<string, string>();
  for (const [i, answers] of all.entries()) {
    const record = answers.find(({ what }) => what === DUMP + abi.REGION_PLAIN);
    if (record !== undefined) sealed.set(plays[i]!.name, hashOf([record]));
  }
  return sealed;
}

/** Profiles differ in what they hold, not in what comes out of it. */
const profilesAgree: Check = {
  name: "golden: profiles agree",
  tools: [],
  run: async () => {
    const wide = await recordsOf("wide");
    let compared = 0;
    for (const profile of ["micro", "standard"] as const) {
      for (const [name, record] of await recordsOf(profile)) {
        compared++;
        if (wide.get(name) !== record) {
          throw new Error(`${name}: ${profile} encodes another record than wide`);
        }
      }
    }
    if (compared < 40) throw new Error(`only ${compared} plays were encoded by both`);
    return `${compared} records are those of wide`;
  },
};

/** The wide core does not fit into a board. */
const fits = (build: Build) => build.profile !== "wide" || !BOARDS.includes(build.machine);
/** Checks of memory are compared on one machine: elsewhere the same C would be compiled twice. */
const isCompared = (build: Build) => !build.unchecked || build.machine === MACHINES.x86;

function allBuilds(): Build[] {
  const choices = [false, true];
  return PROFILES.flatMap((profile) =>
    ALL_MACHINES.flatMap((machine) =>
      choices.flatMap((simd) =>
        choices.map((unchecked) => ({ machine, profile, simd, unchecked })),
      ),
    ),
  )
    .filter(fits)
    .filter(isCompared);
}

/** One build on one machine: builds the player, plays, compares every byte with Node's. */
function playCheck(
  build: Build,
  how: {
    readonly suffix?: string;
    readonly under?: readonly string[];
    readonly tools?: Tool[];
  } = {},
): Check {
  const { suffix = "", under = [], tools = [] } = how;
  return {
    name: `plays: ${buildName(build)}${suffix}`,
    tools: [...build.machine.tools, ...tools],
    run: async (place) => {
      const { folder } = place;
      const player = await buildPlayer(build, place);
      const { plays, output } = await expectedOf(build.profile);
      const input = join(folder, "input.plays");
      const answers = join(folder, "answers");
      writeFileSync(input, plays);
      const [command, ...args] = [...under, ...build.machine.command(player, [input, answers])];
      await run(command!, args);
      const first = difference(output, readFileSync(answers));
      if (first !== undefined) throw new Error(first);
      return `${byPlay(output).length - 1} plays, ${output.length} bytes as in Node`;
    },
  };
}

const SANITIZE =
  "-O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer";
const VALGRIND = ["valgrind", "--quiet", "--error-exitcode=9", "--exit-on-first-error=yes"];

const onX86 = (profile: Profile, simd: boolean, cflags: string): Build => ({
  machine: MACHINES.x86,
  profile,
  simd,
  unchecked: false,
  cflags,
});

/** What compilers make of the same C differs most where they optimise most, and so do their faults. */
const LEVELS = ["-O1", "-Os", "-O3"];
const LEVEL_MACHINES = [MACHINES.x86, MACHINES.aarch64, MACHINES.armhf];

const levelChecks = LEVEL_MACHINES.flatMap((machine) =>
  LEVELS.flatMap((cflags) =>
    (["micro", "standard"] as const).map((profile) => {
      const build = { machine, profile, simd: profile !== "micro", unchecked: false, cflags };
      return playCheck(build, { suffix: `, ${cflags}` });
    }),
  ),
);

/** Golden hashes, then every machine and build, other levels of optimisation, the sanitizers. */
export const playChecks: readonly Check[] = [
  ...PROFILES.map(nodeCheck),
  profilesAgree,
  ...allBuilds().map((build) => playCheck(build)),
  ...levelChecks,
  ...PROFILES.map((profile) =>
    playCheck(onX86(profile, profile !== "micro", SANITIZE), { suffix: ", ASan and UBSan" }),
  ),
  ...(["micro", "standard"] as const).map((profile) =>
    playCheck(onX86(profile, false, "-O1 -g"), {
      suffix: ", valgrind",
      under: VALGRIND,
      tools: ["valgrind"],
    }),
  ),
];
