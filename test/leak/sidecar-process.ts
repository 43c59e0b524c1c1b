/**
 * A sidecar in a process of its own, whose memory can be read: it starts, tells when it listens, and
 * stops when it is told to, but goes on living.
 *
 *   node --expose-gc --import tsx test/leak/sidecar-process.ts FOLDER
 */
import { writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { readPublicKey } from "../../host/keys/index.ts";
import { parsePolicy } from "../../host/policy/index.ts";
import { Sidecar } from "../../host/sidecar/index.ts";
import { optionsIn } from "../sidecar/support.ts";
import { canaryRandom } from "./memory-canaries.ts";

const folder = process.argv[2]!;
const draws: number[] = [];

async function collect(): Promise<void> {
  for (let i = 0; i < 4; i++) {
    global.gc!();
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}

/** The next byte of the other process, without stopping this one. */
const told = () => new Promise<void>((resolve) => process.stdin.once("data", () => resolve()));

const sidecar = await Sidecar.start(
  optionsIn(folder, {
    random: canaryRandom((count) => draws.push(count)),
    recipient: await readPublicKey(join(folder, "key.pub")),
    policy: parsePolicy("version: 1\nmap: { hold_back: 0s }", "p.yaml"),
  }),
);
writeFileSync(join(folder, "draws.json"), JSON.stringify(draws));
writeSync(1, "listens\n");
await told();
await collect();
writeSync(1, "withdrawn\n");
await told();
await sidecar.stop(5000);
await collect();
writeSync(1, "stopped\n");
await told();
