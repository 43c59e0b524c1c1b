/** Killed at any moment: what was promised is there, whole, and the accounts are exact. */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { SeededRandom, seedOfToday } from "../faults/harness/random.ts";
import { skipsWithout } from "../faults/harness/tools.ts";
import { accountedFor, artefactOf, openIn, removeFolders, temporaryFolder } from "./fixture.ts";

afterAll(removeFolders);

const CHILD = fileURLToPath(new URL("crash-child.ts", import.meta.url));
const hasNoStrace = skipsWithout("strace");

interface Run {
  readonly folder: string;
  readonly lines: string[];
}

/** Runs the child, through `wrapper` if given, and kills it after so many lines. */
function run(wrapper: string[], lanes: number, linesMax = Number.POSITIVE_INFINITY): Promise<Run> {
  const folder = join(temporaryFolder(), "spool");
  const command = [...wrapper, process.execPath, "--import", "tsx", CHILD, folder, String(lanes)];
  const child = spawn(command[0]!, command.slice(1), {
    stdio: ["ignore", "pipe", "pipe"],
    // One thread writes, so that strace counts all calls of a kind together.
    env: { ...process.env, UV_THREADPOOL_SIZE: "1" },
  });
  let text = "";
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (piece: string) => {
    errors = (errors + piece).slice(0, 2_000);
  });
  child.stdout.setEncoding("utf8").on("data", (piece: string) => {
    text += piece;
    if (text.split("\n").length > linesMax) child.kill("SIGKILL");
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    // A line that was cut promises nothing.
    child.on("close", (code, signal) => {
      const lines = text.split("\n").slice(0, -1);
      const wasKilled = signal === "SIGKILL" || code === 137;
      if (lines[0] === "open" || wasKilled) resolve({ folder, lines });
      else reject(new Error(`The child did not begin: ${errors}`));
    });
  });
}

async function check({ folder, lines }: Run): Promise<void> {
  const told = (what: string) =>
    lines.filter((line) => line.startsWith(what)).map((line) => line.split(" ").slice(2));
  const spool = await openIn(folder, { quotaBytes: 100_000_000 });
  const accounts = spool.accounts();
  const { captured, uploaded, spooled, refused, mapped, mappedReleased } = accounts;
  expect(accountedFor(spool.accounts())).toBe(captured);
  const between = (count: number, did: string, tried: string) => {
    expect(count).toBeGreaterThanOrEqual(told(did).length);
    expect(count).toBeLessThanOrEqual(told(tried).length);
  };
  between(captured - (refused.OVERLOADED ?? 0) - mapped, "did add", "try add");
  between(uploaded, "did mark", "try mark");
  between(refused.OVERLOADED ?? 0, "did refuse", "try refuse");
  between(mapped, "did map", "try map");
  between(mappedReleased, "did release", "try release");
  // The map was in the memory of the process that was killed.
  expect(accounts.mappedLost).toBe(mapped - mappedReleased);
  const waiting = spool.nextToUpload(9999);
  expect(waiting).toHaveLength(spooled);
  const marked = new Set(told("try mark").map(([serial]) => serial));
  const numbers = new Map(told("did add").map(([number, serial]) => [serial, Number(number)]));
  const there = new Set(waiting.map(({ serial }) => String(serial)));
  for (const serial of numbers.keys()) {
    if (!marked.has(serial)) expect(there.has(serial!), `serial ${serial}`).toBe(true);
  }
  for (const { id, serial, sealedBytes } of waiting) {
    const veil = await spool.read(id);
    expect(veil, `serial ${serial}`).toHaveLength(sealedBytes);
    const number = numbers.get(String(serial));
    if (number !== undefined) {
      expect(Buffer.compare(veil!, artefactOf(number, sealedBytes).veil)).toBe(0);
    }
  }
  expect((await spool.add(artefactOf(1))).serial).toBeGreaterThan(captured - uploaded - spooled);
  await spool.close();
}

/** Many with MAPVEIL_LONG=1; otherwise a few, others every day, told by the tests' names. */
const LONG = process.env.MAPVEIL_LONG === "1";
const random = new SeededRandom(seedOfToday());
const LINES = random.sample(LONG ? 20 : 1, 600);
/** Calls of a run with two lanes, at least. */
const CALLS: readonly (readonly [string, number])[] = [
  ...random.sample(LONG ? 40 : 1, 300).map((n) => ["pwrite64", n] as const),
  ...random.sample(LONG ? 20 : 1, 60).map((n) => ["fdatasync", n] as const),
];

describe("SIGKILL", () => {
  test.concurrent.each(LINES)("after %i lines of output", async (lines) => {
    const result = await run([], 4, lines);
    expect(result.lines.at(-1)).not.toBe("end");
    await check(result);
  });
});

describe.skipIf(hasNoStrace)("SIGKILL in the middle of a call", () => {
  test.concurrent.each(CALLS)("%s number %i", async (call, when) => {
    const inject = `inject=${call}:signal=KILL:when=${when}`;
    const wrapper = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", `trace=${call}`];
    const result = await run([...wrapper, "-e", inject], 2);
    expect(result.lines.at(-1)).not.toBe("end");
    await check(result);
  });
});

test.skipIf(hasNoStrace)(
  "every promise comes after the data and then the page that counts are on the disk",
  async () => {
    const log = join(temporaryFolder(), "strace");
    const trace = ["-e", "trace=pwrite64,writev,fdatasync,write", "-s", "40"];
    const { lines } = await run(["strace", "-f", "-qq", "-o", log, ...trace], 1);
    expect(lines.at(-1)).toBe("end");
    let promises = 0;
    let calls: string[] = [];
    for (const line of readFileSync(log, "utf8").split("\n")) {
      if (/write\(1, "try /.test(line)) calls = [];
      if (/pwrite64\(.*, 128, (40|4136)\)/.test(line)) calls.push("root");
      // Pages that lie side by side are written with one call.
      else if (/(?:pwrite64|writev)\(/.test(line)) calls.push("pages");
      else if (/fdatasync.*= 0/.test(line)) calls.push("sync");
      if (!/write\(1, "did /.test(line)) continue;
      promises++;
      expect(calls.join(" ")).toMatch(/^(pages )+sync root$/);
    }
    expect(promises).toBe(60 + 20 + 15 + 15 + 12);
  },
);
