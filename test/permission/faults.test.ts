/** Kills at every step of writing, and disks that are full: nothing that was answered is lost. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test, vi } from "vitest";
import { MapveilError } from "../../host/core/errors.ts";
import { SeededRandom, seedOfToday } from "../faults/harness/random.ts";
import { SmallDisk } from "../faults/harness/small-disk.ts";
import { skipsWithout } from "../faults/harness/tools.ts";
import { allowLidar, no, robot, temporaryFolder, yes } from "./support.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const WRITER = ["--import", "tsx", join(ROOT, "test/permission/writer.ts")];

interface Run {
  /** Epochs that were answered. */
  readonly answered: readonly number[];
  readonly error: string;
  readonly wasKilled: boolean;
}

async function write(stateDir: string, changes: number, strace: readonly string[]): Promise<Run> {
  const writer = [process.execPath, ...WRITER, stateDir, String(changes)];
  // strace counts the calls of each thread: one thread makes the numbers those of the process.
  const env = { ...process.env, UV_THREADPOOL_SIZE: "1" };
  const child: ChildProcess = spawn("strace", ["-f", "-qq", ...strace, ...writer], {
    cwd: ROOT,
    env,
  });
  let [out, error] = ["", ""];
  child.stdout!.on("data", (chunk) => (out += chunk));
  child.stderr!.on("data", (chunk) => (error += chunk));
  const wasKilled = await new Promise<boolean>((resolve) =>
    child.on("close", (code, signal) => resolve(signal === "SIGKILL" || code === 137)),
  );
  return { answered: out.split("\n").filter(Boolean).map(Number), error, wasKilled };
}

/** The steps of a first start and two changes, as calls of the system with the number of the call. */
const STEPS: readonly [string, number][] = [
  ...[1, 2, 3, 4, 5].map((n): [string, number] => ["pwrite64", n]),
  ...[1, 2, 3].map((n): [string, number] => ["fdatasync", n]),
  ...[1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((n): [string, number] => ["fsync", n]),
  ...[1, 2, 3, 4].map((n): [string, number] => ["rename", n]),
  ["link", 1],
];
const LONG = process.env.MAPVEIL_LONG === "1";
/** All of them with MAPVEIL_LONG=1; otherwise a few, others every day, told by the tests' names. */
const SAMPLE = LONG
  ? STEPS
  : new SeededRandom(seedOfToday()).sample(3, STEPS.length).map((n) => STEPS[n - 1]!);

describe.skipIf(skipsWithout("strace"))("a process that is killed", () => {
  test.concurrent.each(SAMPLE)("at %s number %i keeps what it answered", async (call, n) => {
    const stateDir = mkdtempSync(join(tmpdir(), "killed-"));
    try {
      const inject = ["-o", "/dev/null", "-e", `trace=${call}`];
      const run = await write(stateDir, 2, [
        ...inject,
        "-e",
        `inject=${call}:signal=KILL:when=${n}`,
      ]);
      expect(run.wasKilled).toBe(true);
      const reopened = await (await robot(stateDir)).open();
      const last = run.answered.at(-1) ?? 0;
      expect(reopened.damage).toBeUndefined();
      // What was being written is there as a whole or not at all.
      expect([last, last + 1]).toContain(Number(reopened.gate.epoch));
      expect(reopened.get("robot-logs-local").granted).toBe(reopened.gate.epoch % 2n === 1n);
      // It goes on from there.
      await reopened.grant(yes("robot-lidar-local"));
      await reopened.close();
    } finally {
      rmSync(stateDir, { recursive: true });
    }
  });

  test("answers only after its data and then its root are forced to the disk", async () => {
    const stateDir = await temporaryFolder();
    const trace = join(stateDir, "trace");
    const calls = ["-o", trace, "-e", "trace=fdatasync,pwrite64,write,openat"];
    const { answered } = await write(stateDir, 4, calls);
    expect(answered).toEqual([1, 2, 3, 4]);
    const lines = readFileSync(trace, "utf8").split("\n");
    const synced = lines.flatMap((line) => /data\.mdb.*O_DSYNC.*= (\d+)$/.exec(line)?.[1] ?? []);
    expect(synced.length).toBeGreaterThan(0);
    const story = lines
      .map((line) => {
        if (/ fdatasync\(\d+\) += 0/.test(line)) return "D";
        if (synced.some((fd) => line.includes(` pwrite64(${fd}, `))) return "R";
        return / write\(1, "\d+\\n"/.test(line) ? "A" : "";
      })
      .join("");
    // Of every answer: data, root, answer.
    expect(story).toMatch(/^[DR]*DRA(DRA){3}[DR]*$/);
  });

  test("and one whose disk fails says so and keeps what it has", async () => {
    const stateDir = await temporaryFolder();
    const failing = ["-o", "/dev/null", "-e", "trace=fdatasync"];
    const run = await write(stateDir, 4, [...failing, "-e", "inject=fdatasync:error=EIO:when=3"]);
    expect(run.answered).toEqual([1]);
    expect(run.error).toContain("cannot write");
    const reopened = await (await robot(stateDir)).open();
    expect(reopened.damage).toBeUndefined();
    expect(reopened.gate.epoch).toBe(1n);
  });
});

describe("a change that cannot be recorded", () => {
  const FULL = new MapveilError("NO_SPACE", "The disk is full.");

  test("leaves a withdrawn permission closed, and is recorded before anything else", async () => {
    const one = await robot();
    const permissions = await one.open();
    await allowLidar(permissions);
    const heard: string[] = [];
    permissions.onChange(({ epoch, permission }) =>
      heard.push(`${epoch} ${permission.id} ${permission.granted}`),
    );
    const sign = vi.spyOn(one.keys, "sign").mockImplementation(() => {
      throw FULL;
    });
    const request = no("robot-lidar-upload", {
      requestId: "0f8fad5b-d9cb-469f-a165-70867728950e",
      etag: "2",
    });
    const lidar = () => permissions.gate.decideUpload("lidar", "frames");
    await expect(permissions.withdraw(request)).rejects.toBe(FULL);
    expect(lidar()).toMatchObject({ allowed: false, epoch: 2n });
    expect(permissions.get("robot-lidar-upload").granted).toBe(false);
    expect(permissions.checkFeature("robot", "lidar_recording").allowed).toBe(false);
    await expect(permissions.withdraw(request)).rejects.toBe(FULL);
    // Nothing overtakes it, least of all a grant.
    await expect(permissions.grant(yes("robot-lidar-upload"))).rejects.toBe(FULL);
    expect(lidar().allowed).toBe(false);
    sign.mockRestore();
    const answer = await permissions.withdraw(request);
    expect([answer.epoch, answer.permission.granted]).toEqual([3n, false]);
    expect(permissions.gate.epochFloor("lidar")).toBe(3n);
    await permissions.grant(yes("robot-lidar-upload"));
    expect(lidar().allowed).toBe(true);
    expect(heard).toEqual(["3 robot-lidar-upload false", "4 robot-lidar-upload true"]);
  });

  test("is recorded by itself as soon as it can be", async () => {
    const one = await robot();
    const permissions = await one.open();
    await allowLidar(permissions);
    const sign = vi.spyOn(one.keys, "sign").mockImplementation(() => {
      throw FULL;
    });
    await expect(permissions.withdraw(no("robot-lidar-upload"))).rejects.toBe(FULL);
    for (let i = 0; i < 3; i++) {
      one.clock.pass(60_000);
      await vi.waitFor(() => expect(sign).toHaveBeenCalledTimes(2 + i));
      await new Promise(setImmediate);
    }
    sign.mockRestore();
    one.clock.pass(60_000);
    await vi.waitFor(() => expect(permissions.gate.epochFloor("lidar")).toBe(3n));
    await permissions.grant(yes("robot-lidar-upload"));
    expect(permissions.gate.decideUpload("lidar", "frames").allowed).toBe(true);
  });

  test("is tried a last time when the permissions are closed", async () => {
    const one = await robot();
    const permissions = await one.open();
    await allowLidar(permissions);
    const sign = vi.spyOn(one.keys, "sign").mockImplementation(() => {
      throw FULL;
    });
    await expect(permissions.withdraw(no("robot-lidar-local"))).rejects.toBe(FULL);
    sign.mockRestore();
    await permissions.close();
    const after = await one.open();
    expect([after.gate.epoch, after.gate.epochFloor("lidar")]).toEqual([3n, 3n]);
  });

  test("leaves a grant without effect", async () => {
    const one = await robot();
    const permissions = await one.open();
    const sign = vi.spyOn(one.keys, "sign").mockImplementation(() => {
      throw FULL;
    });
    await expect(permissions.grant(yes("robot-lidar-local"))).rejects.toBe(FULL);
    expect(permissions.get("robot-lidar-local").granted).toBe(false);
    sign.mockRestore();
    expect((await permissions.grant(yes("robot-lidar-local"))).epoch).toBe(1n);
  });
});

test.skipIf(skipsWithout("mounting a tmpfs"))(
  "a disk that is full refuses a grant, records a withdrawal, and recovers by itself",
  async () => {
    const disk = new SmallDisk(1);
    try {
      const one = await robot(disk.folder);
      const permissions = await one.open();
      await allowLidar(permissions);
      disk.fill(0);
      // Pages that are free within the file can still be used for a while.
      let refused: unknown;
      for (let i = 0; i < 200 && refused === undefined; i++) {
        await permissions.grant(yes("robot-logs-local")).catch((error) => (refused = error));
      }
      expect(refused).toMatchObject({ code: "NO_SPACE" });
      const { epoch } = permissions.gate;
      const answer = await permissions.withdraw(no("robot-lidar-upload"));
      expect([answer.epoch, answer.permission.granted]).toEqual([epoch + 1n, false]);
      await permissions.close();
      // It stands on the disk, with its head, while that is full still.
      const after = await one.open();
      expect(after.damage).toBeUndefined();
      expect(after.gate.epochFloor("lidar")).toBe(epoch + 1n);
      disk.clear();
      await after.grant(yes("robot-lidar-upload"));
      expect(after.gate.decideUpload("lidar", "frames").allowed).toBe(true);
      await after.close();
      // There is room again, and of it the reserve.
      expect(statSync(join(disk.folder, "ledger/reserve")).size).toBe(131_072);
    } finally {
      disk.close();
    }
  },
);
