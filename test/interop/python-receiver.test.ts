/** Our sidecar uploads to a receiver that knows nothing but the contract, and resumes what breaks off. */
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { FrameFactory } from "../faults/harness/frames.ts";
import { SeededRandom } from "../faults/harness/random.ts";
import { Robot } from "../faults/harness/robot.ts";
import { skipsWithout } from "../faults/harness/tools.ts";
import { World } from "../faults/harness/world.ts";
import { compileContract, pythonCommand } from "./support.ts";

interface Summary {
  readonly breaks: number;
  readonly resumed: number;
  readonly wrong_offset: number;
  readonly floors: number;
  readonly repeated_bytes: number;
  readonly partial: number;
  /** BLAKE2b-256 of what is stored, by name. */
  readonly stored: Readonly<Record<string, string>>;
}

const FRAMES = 5;

describe.skipIf(skipsWithout("python3-grpcio", "openssl"))("a receiver in Python", () => {
  let world: World;
  let robot: Robot;
  let child: ChildProcess;
  let lines: AsyncIterator<string>;

  const nextLine = async () => (await lines.next()).value as string;
  const summary = async (): Promise<Summary> => {
    child.stdin!.write("?\n");
    return JSON.parse(await nextLine());
  };

  beforeAll(async () => {
    let port = 0;
    world = await World.create({ chunk: "4KiB", parallel: 1, target: () => port });
    const { certificate, key } = world.certificates.receiver;
    const [command, args] = pythonCommand("receiver.py");
    const files = [compileContract(world.folder), world.authority.ca, certificate, key];
    child = spawn(command, [...args, ...files], { stdio: ["pipe", "pipe", "inherit"] });
    lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
    port = Number(await nextLine());
    await world.start("sidecar");
    await world.home.grant();
    robot = new Robot(world.home, await FrameFactory.open(new SeededRandom(2)));
    await robot.connect();
    await robot.pushAll(FRAMES, 5000);
    await world.home.drained();
  });

  afterAll(async () => {
    child?.kill("SIGKILL");
    await world?.close();
  });

  test("has every artefact once and whole, by the robot's own receipts", async () => {
    const { stored, partial } = await summary();
    const names = [...robot.book.accepted.keys()].map(
      (id) => `recipients/${world.recipient}/artefacts/${id}`,
    );
    expect(names).toHaveLength(FRAMES);
    expect(Object.keys(stored).sort()).toEqual(names.sort());
    expect(partial).toBe(0);
  });

  test("broke off every upload, and each was resumed at the right offset", async () => {
    const { breaks, resumed, wrong_offset, repeated_bytes } = await summary();
    expect(breaks).toBe(FRAMES);
    expect(resumed).toBeGreaterThanOrEqual(FRAMES);
    expect(wrong_offset).toBe(0);
    expect(repeated_bytes).toBe(0);
  });

  test("is told of a withdrawal", async () => {
    await world.home.withdrawUpload();
    await expect.poll(async () => (await summary()).floors, { timeout: 10_000 }).toBe(1);
  });
});
