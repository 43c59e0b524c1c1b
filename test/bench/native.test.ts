/** The wrapper of the native peers, with programs of its own that behave and that do not. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { isMissing, type NativeName, nativePeer } from "../../bench/peers/native.ts";

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "native-"));
});

afterAll(() => rmSync(folder, { recursive: true }));

/** Starts a program that runs this JavaScript for each line; `words` are those of the line. */
async function start(name: NativeName, body: string) {
  const script = `#!${process.execPath}
    const fs = require("node:fs");
    let files = [];
    require("node:readline").createInterface({ input: process.stdin }).on("line", (line) => {
      const words = line.split(" ");
      if (words[0] === "quit") process.exit(0);
      ${body}
    });`;
  const path = join(folder, name);
  writeFileSync(path, script);
  chmodSync(path, 0o755);
  const peer = await nativePeer(name, folder);
  if (isMissing(peer)) throw new Error("the program is not found");
  return peer;
}

test("a program that is not built is missing, with what it needs and what to do", async () => {
  expect(await nativePeer("open3d", folder)).toEqual({
    name: "Open3D",
    reason: expect.stringMatching(/not built.*libopen3d-dev.*setup\.sh/),
  });
});

test("variants arrive as they were, samples come back in milliseconds, outputs as bytes", async () => {
  const peer = await start(
    "draco",
    `if (words[0] === "load") files = fs.readFileSync(words[1]);
     if (words[0] === "run") return console.log("ok 1000000 2500000");
     if (words[0] === "output") fs.writeFileSync(words.at(-1), files);
     console.log("ok " + files.length);`,
  );
  await peer.load([Int32Array.of(1, -1), Uint8Array.of(7)]);
  expect(await peer.contender("x", "encode", [10]).sample(0, 2)).toEqual([1, 2.5]);
  const u32 = (value: number) => [value, 0, 0, 0];
  const expected = [...u32(2), ...u32(8), ...u32(1), ...u32(1), 255, 255, 255, 255, 7];
  expect([...(await peer.output("encode", [10], 0))]).toEqual(expected);
  await peer.close();
});

test("an error is rejected with its words, and the peer goes on", async () => {
  const peer = await start(
    "pcl",
    `console.log(words[1] === "bad" ? "error no such thing" : "ok 5");`,
  );
  const bad = peer.contender("x", "bad", []).sample(0, 1);
  await expect(bad).rejects.toThrow(/peer pcl: "run bad 0 1" gave error no such thing/);
  expect(await peer.contender("x", "good", []).sample(0, 1)).toEqual([5e-6]);
  await peer.close();
});

test("a crash is rejected with how it ended and what stood on stderr; so is what is asked later", async () => {
  const peer = await start(
    "sodium",
    `process.stderr.write("out of luck\\n", () => process.abort());`,
  );
  const run = () => peer.contender("x", "any", []).sample(0, 1);
  await expect(run()).rejects.toThrow(/peer sodium: ended with SIGABRT; it said: .*out of luck/s);
  await expect(run()).rejects.toThrow(/ended with SIGABRT/);
  await peer.close();
});

test("an output that is shorter than said is no output", async () => {
  const peer = await start(
    "reference",
    `if (words[0] === "output") fs.writeFileSync(words.at(-1), "ab"); console.log("ok 3");`,
  );
  await expect(peer.output("any", [], 0)).rejects.toThrow(/wrote 2 of 3 bytes/);
  await peer.close();
});
