/** Makes programs around the C library for a machine, by the example's Makefile, as a team would. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Place } from "./check.ts";
import { largeMemory, type Machine } from "./machines.ts";
import type { Profile } from "./plays.ts";
import { run } from "./run-command.ts";

export const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
export const EXAMPLE = join(ROOT, "host/embed/example");
const PLAYER = fileURLToPath(new URL("player.c", import.meta.url));

export interface Build {
  readonly machine: Machine;
  readonly profile: Profile;
  readonly simd: boolean;
  readonly unchecked: boolean;
  /** Flags of the compiler in place of the Makefile's. */
  readonly cflags?: string;
}

export const buildName = ({ machine, profile, simd, unchecked }: Build) =>
  [machine.name, profile, simd ? "SIMD" : "baseline", ...(unchecked ? ["unchecked"] : [])].join(
    " ",
  );

async function make(build: Build, place: Place, variables: readonly string[]): Promise<void> {
  const { folder, library } = place;
  const { machine, profile, simd, unchecked } = build;
  await run("make", [
    "--silent",
    ...["-f", join(EXAMPLE, "Makefile"), `BUILD=${folder}`, `PROFILE=${profile}`],
    `LIBRARY=${library}`,
    ...[`SIMD=${simd ? 1 : 0}`, `UNCHECKED=${unchecked ? 1 : 0}`],
    ...machine.make,
    ...variables,
    ...(build.cflags === undefined ? [] : [`CFLAGS=${build.cflags}`]),
  ]);
}

/** The controller; its folder also has libmapveil.a. */
export async function buildController(build: Build, place: Place): Promise<string> {
  await make(build, place, []);
  return join(place.folder, "controller");
}

/** The player of plays. */
export async function buildPlayer(build: Build, place: Place): Promise<string> {
  const sources = `SOURCES=${PLAYER} ${join(EXAMPLE, "say.c")}`;
  await make(build, place, ["PROGRAM=player", sources, ...largeMemory(build.machine)]);
  return join(place.folder, "player");
}

/** The program that opens artefacts with libsodium alone. */
export async function buildOpener(folder: string): Promise<string> {
  await run("make", [
    "--silent",
    ...["-f", join(EXAMPLE, "Makefile"), `BUILD=${folder}`, "open_with_libsodium"],
  ]);
  return join(folder, "open_with_libsodium");
}
