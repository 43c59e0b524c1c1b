/**
 * The example controller on this machine: its artefacts, its account, its refusals, and what a power
 * cut leaves. The machines of the proof (test/embed/proof) run the same program.
 */
import { type ChildProcess, spawn } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { HEADER_BYTES, HEADER_COMMITMENT } from "../../assembly/abi.ts";
import type { Frame } from "../../host/core/frame.ts";
import { buildLibrary } from "../../host/embed/tools/build-c.ts";
import { readFrames } from "../../host/embed/tools/frames.ts";
import { defaultPolicy, type Policy } from "../../host/policy/index.ts";
import { type Build, buildController, buildOpener } from "./proof/build.ts";
import { controllerChecks } from "./proof/controller-checks.ts";
import { MACHINES } from "./proof/machines.ts";
import { SCANS, SEEDS } from "./proof/plays.ts";
import { attempt, type Ran, run } from "./proof/run-command.ts";
import { missingPackages } from "./proof/tools.ts";
import { makeWorkspace, readAccount, readOut, type Workspace } from "./proof/workspace.ts";

const BUILD: Build = {
  machine: MACHINES.x86,
  profile: "micro",
  simd: false,
  unchecked: false,
};

const missing = missingPackages([...MACHINES.x86.tools, "/usr/include/sodium.h", "strace"]);
const canRun = missing.length === 0 && process.platform === "linux";
if (!canRun) {
  const why = `the example is not built here; it needs Linux and ${missing.join(", ")}`;
  if (process.env.CI) throw new Error(why);
  console.warn(`SKIPPED: ${why}`);
}

describe.skipIf(!canRun)("the example controller", () => {
  let root: string;
  let library: string;
  let controller: string;
  let opener: string;
  let scans: Frame[];
  let spaces = 0;

  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), "mapveil-example-"));
    library = join(root, "c");
    buildLibrary(library, ["micro"]);
    controller = await buildController(BUILD, { folder: join(root, "build"), library });
    opener = await buildOpener(join(root, "build"));
    scans = await readFrames(SCANS, 4);
  });

  afterAll(() => rmSync(root, { recursive: true, force: true }));

  const makeSpace = (frames = scans, change: Partial<Policy> = {}): Workspace =>
    makeWorkspace(join(root, `space-${spaces++}`), {
      frames,
      policy: { ...defaultPolicy(), ...change },
    });

  const runIn = (space: Workspace, ...more: string[]): Promise<Ran> =>
    attempt(controller, [...space.options, ...more]);

  const countsOf = (ran: Ran) => readAccount(ran.out).counts;

  /** Starts it at ten ticks a second, and returns once what is waited for has come. */
  async function startSlowly(
    space: Workspace,
    hasCome: (out: string) => boolean,
  ): Promise<{ child: ChildProcess; ran: Promise<Ran> }> {
    const options = space.options.filter((option) => option !== "--fast");
    const child = spawn(controller, options);
    let [out, err] = ["", ""];
    child.stdout.on("data", (chunk) => (out += chunk));
    child.stderr.on("data", (chunk) => (err += chunk));
    const ran = new Promise<Ran>((resolve) => {
      child.on("close", (exit) => resolve({ exit: exit ?? 128, out, err }));
    });
    while (!hasCome(out)) {
      if (child.exitCode !== null) throw new Error(`it ended too early: ${out}${err}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    return { child, ran };
  }

  const oneIsSealed = (out: string) => /sealed .*\n/.test(out);

  test("seals as Node does, and what it seals opens in Node and with libsodium alone", async () => {
    const check = controllerChecks.find(({ name }) => name === "controller: x86-64 micro baseline");
    // Where it is built already.
    const folder = join(root, "build");
    expect(await check!.run({ folder, library })).toContain("10 artefacts");
  });

  test("permits nothing where the rule is not there, names no class, or is not understood", async () => {
    const space = makeSpace();
    const refusedBy = async (rule: string | undefined) => {
      rmSync(space.rulePath, { force: true });
      if (rule !== undefined) writeFileSync(space.rulePath, rule);
      const ran = await runIn(space);
      expect(ran.exit).toBe(0);
      const { captured, sealed, failed, ticks, late, ...rest } = countsOf(ran);
      expect([captured, sealed, failed, late]).toEqual([4, 0, 0, 0]);
      return rest;
    };
    expect(await refusedBy(undefined)).toEqual({ refused: 4, off: 4 });
    expect(await refusedBy("")).toEqual({ refused: 4, off: 4 });
    expect(await refusedBy("lidar nothing\n")).toEqual({ refused: 4, off: 4 });
    expect(await refusedBy("lidar map\n")).toEqual({ refused: 4, "level too low": 4 });
    for (const broken of [
      "lidar frames",
      "lidar frames\nlidar nothing\n",
      "lidar everything\n",
      "lidar\n",
      "lidar frames now\n",
      "camera full\n",
      "lidar frames\nepoch -1\n",
      "lidar frames\nepoch 18446744073709551616\n",
      `lidar frames\n${"#".repeat(600)}\n`,
    ]) {
      expect(await refusedBy(broken), broken).toEqual({ refused: 4, "rule unreadable": 4 });
    }
    expect(readOut(space)).toEqual({ veils: new Map(), others: [] });
    writeFileSync(space.rulePath, "lidar full\r\n# more\n\n  epoch 18446744073709551615 \n");
    expect(countsOf(await runIn(space)).sealed).toBe(4);
    const [veil] = [...readOut(space).veils.values()];
    expect(veil!.readBigUInt64LE(186)).toBe(2n ** 64n - 1n);
  });

  test("keeps frames without a pose at home where the policy has no-go areas", async () => {
    const areas = [
      {
        name: "bedroom",
        polygon_m: [
          [0, 0],
          [1, 0],
          [1, 1],
        ] as [number, number][],
      },
    ];
    const noGo = { no_go: { dilate_m: 0.3, areas } };
    const [first, ...others] = scans as [Frame, ...Frame[]];
    const { pose: _, ...lost } = first;
    const ran = await runIn(makeSpace([lost, ...others], noGo));
    expect(countsOf(ran)).toMatchObject({ sealed: 3, refused: 1, "no pose for no-go areas": 1 });
  });

  test.concurrent("stops within one frame when the permission is withdrawn", async () => {
    const space = makeSpace();
    const { ran } = await startSlowly(space, oneIsSealed);
    writeFileSync(space.rulePath, "lidar nothing\n");
    expect(countsOf(await ran)).toMatchObject({ captured: 4, sealed: 1, refused: 3, off: 3 });
    expect(readOut(space).veils.size).toBe(1);
    expect(readOut(space).others).toEqual([]);
  });

  test.concurrent("destroys a frame that is under way when the permission is withdrawn", async () => {
    const space = makeSpace();
    const isBeingSealed = () => existsSync(join(space.outPath, "unfinished.tmp"));
    const { ran } = await startSlowly(space, isBeingSealed);
    writeFileSync(space.rulePath, "lidar nothing\n");
    expect(countsOf(await ran)).toMatchObject({ captured: 4, sealed: 0, refused: 4, off: 4 });
    expect(readOut(space)).toEqual({ veils: new Map(), others: [] });
  });

  test.concurrent("ends after the frame that is under way when it is interrupted", async () => {
    const space = makeSpace();
    const { child, ran } = await startSlowly(space, oneIsSealed);
    child.kill("SIGINT");
    const ended = await ran;
    const { captured, sealed } = countsOf(ended);
    expect(ended.exit).toBe(0);
    expect(sealed).toBe(captured);
    expect(captured).toBeLessThan(4);
    expect(readOut(space).veils.size).toBe(sealed);
  });

  test("accounts for what a cut frame file still holds", async () => {
    const space = makeSpace();
    const path = join(space.folder, "frames");
    const whole = readFileSync(path);
    for (const cut of [whole.length - 1, whole.length - 2300, 161]) {
      writeFileSync(path, whole.subarray(0, cut));
      const ran = await runIn(space);
      const { captured, sealed, failed } = countsOf(ran);
      expect(ran.exit).toBe(1);
      expect([captured, failed]).toEqual([sealed! + 1, 1]);
    }
    for (const cut of [159, 5, 0]) {
      writeFileSync(path, whole.subarray(0, cut));
      expect(await runIn(space)).toMatchObject({ exit: 3, err: expect.stringContaining("frame") });
    }
  });

  test("says what is wrong with its files, and does not start", async () => {
    const space = makeSpace();
    const terms = readFileSync(join(space.folder, "terms"));
    const broken = async (name: string, content: Uint8Array | undefined, message: RegExp) => {
      const path = join(space.folder, name);
      const before = readFileSync(path);
      if (content === undefined) rmSync(path);
      else writeFileSync(path, content);
      const { exit, out, err } = await runIn(space);
      writeFileSync(path, before);
      expect([exit, out], `${name}: ${err}`).toEqual([3, ""]);
      expect(err).toMatch(message);
    };
    await broken("terms", undefined, /terms cannot be read.*No such file/);
    await broken("terms", terms.subarray(0, 100), /cut/);
    await broken("terms", terms.subarray(0, 40), /cut/);
    await broken("terms", Buffer.concat([terms, Buffer.of(0)]), /follows/);
    await broken("frames", undefined, /No such file/);
    await broken("seed", undefined, /No such file/);
    await broken("seed", Buffer.alloc(31, 1), /32 bytes/);
    await broken("seed", Buffer.alloc(33, 1), /32 bytes/);
    await broken("seed", Buffer.alloc(32), /seed is not usable/);
    await broken("fresh", Buffer.alloc(3), /32 bytes/);
    expect(readOut(space)).toEqual({ veils: new Map(), others: [] });
    expect((await attempt(controller, ["--help"])).out).toContain("--frames FILE");
    expect((await attempt(controller, ["--frames"])).exit).toBe(2);
    expect((await attempt(controller, ["--slow", "x"])).err).toContain("--slow");
  });

  test("seals for no key that was changed on its way", async () => {
    const space = makeSpace();
    const path = join(space.folder, "terms");
    const terms = readFileSync(path);
    terms[20]! ^= 1;
    writeFileSync(path, terms);
    const ran = await runIn(space);
    expect(ran.exit).toBe(1);
    expect(ran.out).toContain("the recipient's key is damaged");
    expect(readOut(space)).toEqual({ veils: new Map(), others: [] });
  });

  test("leaves no piece of an artefact where the disk is full or the folder is missing", async () => {
    const space = makeSpace();
    // Files end at 1 KiB, as on a full disk; the signal of that limit is ignored.
    const limited = ["-c", 'trap "" XFSZ; ulimit -f 1; exec "$@"', "bash", controller];
    const full = await attempt("bash", [...limited, ...space.options]);
    expect([full.exit, countsOf(full).failed]).toEqual([1, 4]);
    expect(full.out).toContain("failed File too large");
    expect(readOut(space)).toEqual({ veils: new Map(), others: [] });
    rmSync(space.outPath, { recursive: true });
    const ran = await runIn(space);
    expect([ran.exit, countsOf(ran).failed]).toEqual([1, 4]);
    expect(ran.out).toContain("No such file");
  });

  describe("through a power cut", () => {
    const CALLS = ["openat", "write", "fsync", "rename", "close"];

    /** All that strace saw of the calls that touch files. */
    async function trace(space: Workspace): Promise<string[]> {
      const log = join(space.folder, "log");
      await run("strace", [
        "-qq",
        "-y",
        "-e",
        CALLS.join(),
        "-o",
        log,
        controller,
        ...space.options,
      ]);
      return readFileSync(log, "utf8").split("\n");
    }

    /** What tells keys apart: the commitments of all artefacts, finished or not. */
    function commitments(space: Workspace): string[] {
      return readdirSync(space.outPath)
        .map((name) => readFileSync(join(space.outPath, name)))
        .filter((bytes) => bytes.length >= HEADER_BYTES)
        .map((bytes) => bytes.toString("hex", HEADER_COMMITMENT, HEADER_COMMITMENT + 32));
    }

    /** Without a source of randomness: the stored seed alone keeps keys apart. */
    const makeBareSpace = () =>
      makeWorkspace(join(root, `space-${spaces++}`), {
        frames: scans.slice(0, 1),
        policy: defaultPolicy(),
        fresh: Buffer.alloc(64),
      });

    test("the next seed is on the disk before the first key is drawn", async () => {
      const lines = await trace(makeBareSpace());
      const order = [
        /^write\(\d+<.*seed\.next>.* = 32$/,
        /^fsync\(\d+<.*seed\.next>\) += 0$/,
        /^rename\(".*seed\.next", ".*seed"\) = 0$/,
        /^fsync\(\d+<.*space-\d+>\) += 0$/,
        /^openat\(.*unfinished\.tmp/,
        /^fsync\(\d+<.*unfinished\.tmp>\) += 0$/,
        /^rename\(".*unfinished\.tmp", ".*\.veil"\) = 0$/,
        /^fsync\(\d+<.*out>\) += 0$/,
      ].map((pattern) => lines.findIndex((line) => pattern.test(line)));
      expect(order).not.toContain(-1);
      expect(order).toEqual([...order].sort((a, b) => a - b));
    });

    test("no key is drawn twice, wherever it happens", async () => {
      const lines = await trace(makeBareSpace());
      const counts = CALLS.map(
        (call) => lines.filter((line) => line.startsWith(`${call}(`)).length,
      );
      const cuts = CALLS.flatMap((call, i) =>
        Array.from({ length: counts[i]! }, (_, n) => ({ call, when: n + 1 })),
      );
      expect(cuts.length).toBeGreaterThan(40);
      let unfinished = 0;
      const checkCut = async ({ call, when }: { call: string; when: number }) => {
        const space = makeBareSpace();
        const inject = `inject=${call}:signal=KILL:when=${when}`;
        await attempt("strace", [
          "-qq",
          "-o",
          "/dev/null",
          "-e",
          inject,
          controller,
          ...space.options,
        ]);
        const left = join(space.outPath, "unfinished.tmp");
        if (existsSync(left)) {
          unfinished++;
          copyFileSync(left, join(space.outPath, "kept"));
        }
        // Keys may exist only where the seed that they came from can not come back.
        const seed = readFileSync(space.seedPath);
        if (readdirSync(space.outPath).length > 0) expect(seed.equals(SEEDS.stored)).toBe(false);
        for (let again = 0; again < 2; again++) {
          expect((await runIn(space)).exit).toBe(0);
        }
        const keys = commitments(space);
        expect(keys.length, `${call} ${when}`).toBeGreaterThanOrEqual(2);
        expect(new Set(keys).size, `${call} ${when}`).toBe(keys.length);
      };
      for (let at = 0; at < cuts.length; at += 2) {
        await Promise.all(cuts.slice(at, at + 2).map(checkCut));
      }
      expect(unfinished).toBeGreaterThan(3);
    });
  });

  test("open_with_libsodium writes nothing of an artefact that was changed", async () => {
    const space = makeSpace(scans.slice(0, 1));
    await runIn(space);
    const [veil] = [...readOut(space).veils.values()] as [Buffer];
    const path = join(space.folder, "changed.veil");
    const record = join(space.folder, "record");
    const changed = (at: number) => {
      const copy = Buffer.from(veil);
      copy[at]! ^= 1;
      return copy;
    };
    const others = [0, 12, 30, 100, 130, 160, 190, 196, 300, veil.length - 1].map(changed);
    const cuts = [veil.subarray(0, 100), veil.subarray(0, 194), veil.subarray(0, veil.length - 1)];
    for (const bytes of [...others, ...cuts, Buffer.concat([veil, veil.subarray(194)])]) {
      writeFileSync(path, bytes);
      expect((await attempt(opener, [space.keyPath, path, record])).exit).toBe(1);
      expect(existsSync(record)).toBe(false);
    }
    writeFileSync(path, veil);
    expect((await attempt(opener, [space.keyPath, path, record])).exit).toBe(0);
    expect((await attempt(opener, [join(space.folder, "rule"), path, record])).exit).toBe(2);
  });
});
