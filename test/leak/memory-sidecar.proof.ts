/**
 * A sidecar that the owner withdrew from has nothing of the frames in its memory, neither large ones
 * nor small ones, nor of its map; one that stopped has no secret of the robot either.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { SensorClient, SidecarClient } from "../../host/client/index.ts";
import type { Frame } from "../../host/core/frame.ts";
import { Level } from "../../host/gen/mapveil/v1/types_pb.ts";
import { writeKeyPair } from "../../host/keys/index.ts";
import { LIDAR, LOCAL, optionsIn } from "../sidecar/support.ts";
import { canaryFrame, canaryRandom } from "./memory-canaries.ts";
import { formsOf, type Needle, searchMemory, unreadable } from "./process-memory.ts";

const PROCESS = fileURLToPath(new URL("sidecar-process.ts", import.meta.url));
const WINDOW = 24;
/** No process of Node has less; one that has ended would have nothing to be found. */
const READ_MIN = 30_000_000;

const folder = mkdtempSync(join(tmpdir(), "mv-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function lineOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.stdout!.once("data", (data: Buffer) => resolve(data.toString().trim()));
    child.once("exit", (code) => reject(new Error(`the process ended with ${code}`)));
  });
}

/** A frame as a 3D lidar gives it, and one of few points, which fits into shared buffers of Node. */
const large = (i: number) => canaryFrame(i);
function small(i: number): Frame {
  const frame = canaryFrame(1000 + i);
  return { ...frame, count: 120, data: frame.data.slice(0, 120 * 12) };
}

const pieces = (name: string, { data }: Frame, every: number): Needle[] =>
  Array.from({ length: Math.floor((data.length - WINDOW) / every) }, (_, i) => ({
    name,
    bytes: data.slice(i * every, i * every + WINDOW),
  }));

/** What a service file sets in the environment. */
function environmentOf(path: string): Record<string, string> {
  const rows = readFileSync(path, "utf8").matchAll(/^Environment=(\w+)=(.*)$/gm);
  return Object.fromEntries([...rows].map(([, name, value]) => [name!, value!]));
}

const namesOf = (hits: ReadonlyMap<string, number>) =>
  new Set([...hits.keys()].map((key) => key.replace(/ \([^(]*\)$/, "")));

/** Draws that are the tokens of the two clients that call: Node keeps them in strings of headers. */
const SENT_TOKENS = [1, 2];

/** The robot's secrets, and the tokens of clients that do not call. */
function drawnKeys(): Needle[] {
  const draws = JSON.parse(readFileSync(join(folder, "draws.json"), "utf8")) as number[];
  const random = canaryRandom();
  return draws.flatMap((count, i) => {
    const bytes = random(count);
    if (count < 32 || SENT_TOKENS.includes(i)) return [];
    return formsOf({ name: `draw ${i} of ${count}`, bytes });
  });
}

test("a withdrawal leaves nothing of frames and maps in the sidecar's memory, a stop no secret", async (context) => {
  await writeKeyPair(join(folder, "key"));
  const argv = ["--expose-gc", "--import", "tsx", PROCESS, folder];
  // As the service file has it: Node copies what it reads from a socket, and frees it as it is.
  const env = { ...process.env, ...environmentOf("docs/deploy/mapveil-sidecar.service") };
  expect(env.MALLOC_PERTURB_).toBe("165");
  const child = spawn(process.execPath, argv, { stdio: ["pipe", "pipe", "inherit"], env });
  const goOnTo = async (at: string) => {
    const line = lineOf(child);
    child.stdin!.write("x");
    expect(await line).toBe(at);
  };
  try {
    expect(await lineOf(child)).toBe("listens");
    const whyNot = unreadable(child.pid!);
    if (whyNot !== undefined && process.env.CI !== "true") return context.skip(whyNot);
    const { socketPath, stateDir } = optionsIn(folder);
    const socket = (name: string) => ({
      socketPath,
      tokenPath: join(stateDir, "clients", `${name}.token`),
    });
    const owner = await SidecarClient.create(socket("app"));
    const sensor = await SensorClient.create(socket("lidar"));
    const grant = (name: string, level: Level) =>
      owner.grantPermission({ name, level, affirmativeAct: "ticked the box in the test" });
    await grant(LOCAL, Level.UNSPECIFIED);
    await grant(LIDAR, Level.FRAMES);
    const push = async (frames: readonly Frame[], outcome: string) => {
      const stream = await sensor.open({ layout: frames[0]!.layout });
      for (const frame of frames) expect((await stream.push(frame)).outcome).toBe(outcome);
      return stream;
    };
    const framesOf = (from: number, to: number) => {
      const numbers = Array.from({ length: to - from }, (_, i) => from + i);
      return [...numbers.map(large), ...numbers.map(small)];
    };
    const points = [0, 3, 10, 19].flatMap((i) => [
      ...pieces(`large ${i}`, large(i), 1801),
      ...pieces(`small ${i}`, small(i), 97),
    ]);
    const keys = drawnKeys();

    const frames = await push(framesOf(0, 4), "accepted");
    await grant(LIDAR, Level.MAP);
    const map = await push(framesOf(10, 20), "held");
    const open = namesOf((await searchMemory(child.pid!, [...points, ...keys])).hits);
    expect(open).toContain("small 19");
    expect(open).toContain("draw 0 of 64");

    await owner.withdrawPermission({ name: LIDAR });
    const late = await frames.push(large(3));
    expect(late.outcome).toBe("refused");
    const lateSmall = await map.push(small(3));
    expect(lateSmall.outcome).toBe("refused");
    await goOnTo("withdrawn");
    const withdrawn = await searchMemory(child.pid!, points);
    expect([...withdrawn.hits]).toEqual([]);
    expect(withdrawn.readBytes).toBeGreaterThan(READ_MIN);

    for (const client of [owner, sensor]) client.close();
    await goOnTo("stopped");
    const stopped = await searchMemory(child.pid!, [...points, ...keys]);
    expect([...stopped.hits]).toEqual([]);
    expect(stopped.readBytes).toBeGreaterThan(READ_MIN);
  } finally {
    child.kill("SIGKILL");
  }
});
