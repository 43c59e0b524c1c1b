/** What only a process of its own can show: signals, closed pipes, exit codes. */
import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, describe, expect, it } from "vitest";
import { ended, longRecording, names, OS1_META, run, start, temporaryFolder } from "./support.ts";

const folder = temporaryFolder();
const ROUNDS = 40;
let recording = "";

beforeAll(async () => {
  await run(folder, "keygen", "-o", "home.key");
  recording = longRecording(folder, ROUNDS);
});

describe("the mapveil process", () => {
  it("ends with the exit code of the command", async () => {
    const ran = await ended(start(folder, "inspect", "none.veil"));
    expect(ran).toMatchObject({ exit: 1, out: "" });
    expect(ran.err).toMatch(/^mapveil: /);
  });

  for (const [signal, exit] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const) {
    it(`leaves nothing unfinished behind on ${signal}`, async () => {
      const before = names(folder);
      const to = ["--to", "home.key.pub", "--metadata", OS1_META];
      const child = start(folder, "sanitize", recording, "-o", "long.veil", ...to);
      const end = ended(child);
      while (child.exitCode === null && !names(folder).some((name) => name.endsWith(".tmp"))) {
        await sleep(5);
      }
      child.kill(signal);
      expect((await end).exit).toBe(exit);
      expect(names(folder)).toEqual(before);
    });
  }

  it("takes a closed pipe for what it is", async () => {
    const child = start(folder, "policy", "explain");
    child.stdout?.destroy();
    expect((await ended(child)).exit).toBe(0);
  });
});
