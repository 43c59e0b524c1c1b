/** `mapveil redact`: logs and tickets without the values in them. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { runCli } from "../../host/cli/run.ts";
import { TEXT_CHARS_MAX } from "../../host/text/redact.ts";
import { run, temporaryFolder } from "./support.ts";

const folder = temporaryFolder();
const LOG = join(folder, "robot.log");
const TEXT =
  "ssid=Keller5G rssi=-60\r\nMAC：ＡＡ：ＢＢ：ＣＣ：０１：２３：４５\nkitchen done, Pim is away\n";
writeFileSync(LOG, TEXT);

/** Runs the command with pieces piped in. */
async function piped(pieces: readonly Uint8Array[], ...argv: string[]) {
  let [out, err] = ["", ""];
  const exit = await runCli(["redact", ...argv], {
    stdout: { write: (text) => (out += text) },
    stderr: { write: (text) => (err += text) },
    stdin: (async function* () {
      yield* pieces;
    })(),
    cwd: folder,
    isTTY: false,
    environment: {},
    host: { log: new PassThrough(), takeSignals: () => () => {}, exit: () => {} },
  });
  return { exit, out, err };
}

const REDACTED = "ssid=[ssid] rssi=-60\r\nMAC：[mac]\nkitchen done, Pim is away\n";

describe("mapveil redact", () => {
  it("prints the text with marks, and counts beside it", async () => {
    const ran = await run(folder, "redact", "robot.log");
    expect(ran).toEqual({ exit: 0, out: REDACTED, err: "2 redacted: 1 ssid, 1 mac\n" });
    writeFileSync(join(folder, "names.txt"), "Pim\n\n");
    const known = await run(folder, "redact", "robot.log", "--known", "names.txt");
    expect(known.out).toBe(REDACTED.replace("Pim", "[name]"));
  });

  it("takes what is piped in, wherever its pieces end", async () => {
    const bytes = new TextEncoder().encode(TEXT);
    const pieces = Array.from(bytes, (_, i) => bytes.subarray(i, i + 1));
    expect(await piped(pieces)).toMatchObject({ exit: 0, out: REDACTED });
    expect(await piped([])).toEqual({ exit: 0, out: "", err: "0 redacted\n" });
  });

  it("prints counts and no text with --json", async () => {
    const { out } = await run(folder, "redact", "robot.log", "--json");
    expect(JSON.parse(out)).toEqual({ values: 2, kinds: { ssid: 1, mac: 1 } });
    expect(out).not.toContain("Keller");
  });

  it("keeps lines apart in a long log, and cuts a line that is too long", async () => {
    const line = "os-992101000280.local up\n";
    const log = new TextEncoder().encode(line.repeat(2000));
    const { out, err } = await piped([log.subarray(0, 7777), log.subarray(7777)]);
    expect(out).toBe("[host] up\n".repeat(2000));
    expect(err).toBe("2,000 redacted: 2,000 host\n");
    const long = new TextEncoder().encode(" ".repeat(TEXT_CHARS_MAX / 4));
    const cut = await piped([
      ...Array<Uint8Array>(9).fill(long),
      new TextEncoder().encode("x\ny\n"),
    ]);
    expect(cut.out.slice(-8)).toBe("[cut]\ny\n");
    expect(cut.out.length).toBeLessThanOrEqual(TEXT_CHARS_MAX + 3);
  });

  it("says what is missing", async () => {
    expect(await run(folder, "redact")).toMatchObject({ exit: 2, out: "" });
    const none = await run(folder, "redact", "none.log");
    expect(none).toMatchObject({ exit: 1, out: "" });
    expect(none.err).toContain("none.log: cannot read, there is no such file");
    expect(await run(folder, "redact", "robot.log", "--known", "none")).toMatchObject({ exit: 1 });
  });
});
