/** The example controller on every machine: the same artefacts as Node makes, opened by two others. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { KIND_GRID, KIND_PATH } from "../../../assembly/abi.ts";
import type { Frame } from "../../../host/core/frame.ts";
import { modulePath } from "../../../host/embed/tools/build-c.ts";
import { readFrames } from "../../../host/embed/tools/frames.ts";
import { defaultPolicy } from "../../../host/policy/index.ts";
import { openVeil } from "../../../host/veil/open.ts";
import { type Build, buildController, buildName, buildOpener } from "./build.ts";
import type { Check, Place } from "./check.ts";
import { ALL_MACHINES, MACHINES } from "./machines.ts";
import { OS1, RECIPIENT, SCANS, XT32 } from "./plays.ts";
import { attempt, run } from "./run-command.ts";
import { type SealedFrame, sealWasm } from "./seal-wasm.ts";
import type { Tool } from "./tools.ts";
import { makeWorkspace, RULE_EPOCH, readAccount, readOut, type Workspace } from "./workspace.ts";

/** Frames of the profile's size; for a microcontroller 2D scans. */
async function framesOf({ profile }: Build): Promise<Frame[]> {
  if (profile !== "micro") return readFrames(profile === "wide" ? OS1 : XT32);
  return (await readFrames(SCANS)).filter((_, i) => i % 12 === 0);
}

function assertEqual(what: string, actual: unknown, expected: unknown): void {
  const [found, wanted] = [actual, expected].map((one) => JSON.stringify(one));
  if (found !== wanted) throw new Error(`${what} is ${found}, not ${wanted}`);
}

/** Opens what the controller wrote with libsodium alone and with the Node host. */
async function openAll(space: Workspace, opener: string, sealed: readonly [string, SealedFrame][]) {
  const opened = join(space.folder, "record");
  for (const [name, { record }] of sealed) {
    const path = join(space.outPath, name);
    await run(opener, [space.keyPath, path, opened]);
    if (!readFileSync(opened).equals(record)) {
      throw new Error(`${name}: libsodium opens another record than Node encodes`);
    }
    const tiles = await openVeil(readFileSync(path), RECIPIENT);
    assertEqual(`${name}: tiles`, tiles.length, 1);
    assertEqual(`${name}: voxels`, tiles[0]!.voxels, record.readUInt32LE(20));
  }
}

async function runController(build: Build, place: Place): Promise<string> {
  const { folder } = place;
  const controller = await buildController(build, place);
  const opener = await buildOpener(folder);
  const frames = await framesOf(build);
  const policy = defaultPolicy();
  // Two frames at the end of classes that the rule does not name.
  const kinds = [...frames.map(() => undefined), KIND_GRID, KIND_PATH];
  const all = [...frames, frames[0]!, frames[0]!];
  const space = makeWorkspace(folder, { frames: all, kinds, policy });
  const [command, ...args] = build.machine.command(controller, space.options);
  const { exit, out, err } = await attempt(command, args);
  assertEqual("what the controller complained of", err, "");
  assertEqual("its exit code", exit, 0);
  const { frames: lines, counts } = readAccount(out);
  const { captured, sealed, refused, failed, off } = counts;
  const sums = { captured, sealed, refused, failed, off };
  assertEqual("the account", sums, {
    captured: all.length,
    sealed: frames.length,
    refused: 2,
    failed: 0,
    off: 2,
  });
  const expected = sealWasm(modulePath(build.profile, false), frames, policy, RULE_EPOCH);
  const { veils, others } = readOut(space);
  assertEqual("what lies beside the artefacts", others, []);
  assertEqual("the number of artefacts", veils.size, frames.length);
  const names = lines.filter(({ what }) => what === "sealed").map(({ detail }) => detail);
  for (const [i, { veil }] of expected.sealed.entries()) {
    if (!veils.get(names[i]!)?.equals(veil)) {
      throw new Error(`frame ${i + 1}: its artefact is not that which Node makes`);
    }
  }
  if (!readFileSync(space.seedPath).equals(expected.nextSeed)) {
    throw new Error("the stored seed is not the next one");
  }
  await openAll(
    space,
    opener,
    expected.sealed.map((one, i) => [names[i]!, one]),
  );
  return `${frames.length} artefacts as Node makes them, opened by Node and by libsodium`;
}

const SODIUM: readonly Tool[] = ["gcc", "make", "/usr/include/stdio.h", "/usr/include/sodium.h"];

function controllerCheck(build: Build): Check {
  return {
    name: `controller: ${buildName(build)}`,
    tools: [...new Set([...build.machine.tools, ...SODIUM])],
    run: (place) => runController(build, place),
  };
}

const plain = { simd: false, unchecked: false } as const;

export const controllerChecks: readonly Check[] = [
  ...ALL_MACHINES.map((machine) => controllerCheck({ ...plain, machine, profile: "micro" })),
  controllerCheck({ ...plain, machine: MACHINES.x86, profile: "standard" }),
  controllerCheck({ ...plain, machine: MACHINES.x86, profile: "wide", simd: true }),
];
