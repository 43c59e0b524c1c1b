/** The receiver is killed, or its disk fails, at the N-th call that makes something durable. */
import { spawn, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { systemClock } from "../../host/core/clock.ts";
import { openLocalStore } from "../../host/receiver/local-store.ts";
import type { Store } from "../../host/receiver/store.ts";
import { digestOf, RECIPIENT, seededVeil, sha } from "./artefacts.ts";
import { key, ORIGIN, readAll } from "./store-suite.ts";
import { MemoryLog, temporaryFolder } from "./temporary.ts";

const CHILD = fileURLToPath(new URL("crash-child.ts", import.meta.url));
const STRACE = spawnSync("strace", ["-V"]).status === 0;
const ARTEFACTS = 12;

/** How often the workload makes each call, at most; beyond that it just ends. */
const CALLS = { pwrite64: 100, fdatasync: 38, fsync: 28, ftruncate: 4, unlink: 4 } as const;
type Call = keyof typeof CALLS;
const FAULTS = ["signal=KILL", "error=EIO"] as const;

interface State {
  readonly call: Call;
  readonly fault: (typeof FAULTS)[number];
  readonly when: number;
}

const every: State[] = (Object.keys(CALLS) as Call[]).flatMap((call) =>
  FAULTS.flatMap((fault) =>
    Array.from({ length: CALLS[call] }, (_, i) => ({ call, fault, when: i + 1 })),
  ),
);

/** All of them with MAPVEIL_LONG=1; otherwise a few, others every day, told by the test's name. */
function sample(): State[] {
  if (process.env.MAPVEIL_LONG === "1") return every;
  const given = Number(process.env.MAPVEIL_SEED ?? Math.floor(Date.now() / 86_400_000));
  // Spread, so that neighbouring seeds give other samples.
  let seed = Math.imul(given + 1, 2654435761) >>> 0;
  const next = (below: number) => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
  return Array.from({ length: 2 }, () => every[next(every.length)]!);
}

/** Runs the child, under a fault or without; what it said, line by line. */
async function run(folder: string, state?: State): Promise<string[]> {
  const node = [process.execPath, "--import", "tsx", CHILD, folder];
  const fault = ({ call, fault, when }: State) => [
    ...["strace", "-f", "-qq", "-o", "/dev/null"],
    ...["-e", `trace=${call}`, "-e", `inject=${call}:${fault}:when=${when}`],
  ];
  const [command, ...words] = [...(state === undefined ? [] : fault(state)), ...node];
  const child = spawn(command!, words, {
    // One thread for all files, so that the N-th call is the same one each time.
    env: { ...process.env, UV_THREADPOOL_SIZE: "1" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  child.stdout.on("data", (chunk) => {
    text += chunk;
  });
  await new Promise((resolve) => child.once("close", resolve));
  return text.split("\n").slice(0, -1);
}

/** What must be true on the disk after the child said all this. */
async function check(store: Store, lines: readonly string[]): Promise<void> {
  const list = await store.list(RECIPIENT, 0, 1000);
  expect(new Set(list.map(({ artefact }) => artefact)).size).toBe(list.length);
  for (const { artefact, digest } of list) {
    const bytes = seededVeil(Number(artefact.split("-")[1]));
    expect(sha(await readAll(store, key(artefact)))).toBe(sha(bytes));
    expect(sha(digest)).toBe(sha(digestOf(bytes)));
  }
  for (let index = 0; index < ARTEFACTS; index++) {
    const at = key(`artefact-${index}`);
    const found = await store.look(at);
    const said = (what: string) =>
      lines.some((line) => line.startsWith(`${what} ${index}`.trimEnd()));
    const stored = lines.includes(`stored ${index}`);
    const deleting = lines.includes(`begin delete ${index}`);
    const deleted = lines.includes(`deleted ${index}`);
    const withdrawn = lines.includes("begin floor");
    if (deleted) expect(found.state).toBe("deleted");
    else if (stored && !deleting) expect(found.state).toBe("stored");
    else if (stored) expect(["stored", "deleted"]).toContain(found.state);
    else if (said("part") && !withdrawn && !said("error write")) {
      const last = lines.findLast((line) => line.startsWith(`part ${index} `))!;
      expect(["stored", "unfinished"]).toContain(found.state);
      if (found.state !== "unfinished") continue;
      expect(found.committedBytes).toBeGreaterThanOrEqual(Number(last.split(" ")[2]));
    }
    if (found.state !== "unfinished") continue;
    const write = await store.openWrite(at, ORIGIN);
    expect(write.receivedBytes).toBe(found.committedBytes);
    const have = await write.read(0, found.committedBytes);
    expect(sha(have)).toBe(sha(seededVeil(index).subarray(0, found.committedBytes)));
    await write.close();
  }
  const { stored, kept, deleted, lost } = store.accounts();
  expect({ stored, kept, lost }).toEqual({ stored: kept + deleted, kept: list.length, lost: 0 });
}

test.runIf(STRACE).each(sample())(
  "nothing that was answered is lost, and nothing is half there: $fault at $call $when",
  async (state) => {
    const folder = temporaryFolder();
    const lines = await run(folder, state);
    const store = await openLocalStore({ folder, clock: systemClock, log: new MemoryLog() });
    try {
      await check(store, lines);
    } finally {
      await store.close();
    }
  },
);

test("without a fault the child does all of its work", async () => {
  // Where the tests count, they may not be left out.
  if (process.env.CI === "true") expect(STRACE, "strace is not installed").toBe(true);
  if (!STRACE) process.stderr.write("crash tests left out: strace is not installed\n");
  const folder = temporaryFolder();
  const lines = await run(folder);
  expect(lines.at(-1)).toBe("end");
  expect(lines.filter((line) => line.startsWith("error"))).toEqual([]);
  const store = await openLocalStore({ folder, clock: systemClock, log: new MemoryLog() });
  await check(store, lines);
  expect(store.accounts()).toMatchObject({ stored: 10, deleted: 3, unfinished: 0 });
  await store.close();
});
