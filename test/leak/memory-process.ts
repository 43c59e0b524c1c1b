/**
 * A process that makes keys, seals frames, a map and a plan, opens an artefact, and closes all of it.
 * It stops twice for whoever reads its memory: with all of it open, and after it was closed.
 *
 *   node --expose-gc --import tsx test/leak/memory-process.ts FOLDER
 */
import { readSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { RobotKeys, readSecretKey, wipe, writeKeyPair } from "../../host/keys/index.ts";
import { parsePolicy } from "../../host/policy/index.ts";
import { MapMaker } from "../../host/veil/map-maker.ts";
import { openVeil } from "../../host/veil/open.ts";
import { PlanSealer } from "../../host/veil/plan-sealer.ts";
import { Sanitizer } from "../../host/veil/sanitizer.ts";
import { canaryFrame, canaryPlan, canaryRandom, FRAMES } from "./memory-canaries.ts";

const folder = process.argv[2]!;
const draws: number[] = [];
const random = canaryRandom((count) => draws.push(count));

/** Says where it is, and waits for a byte. */
function stop(at: string): void {
  writeSync(1, `${at}\n`);
  readSync(0, Buffer.alloc(1), 0, 1, null);
}

/** Makes V8 move what is young and lives on, as in a process that has been up for long. */
function churn(): void {
  global.gc!({ type: "minor" });
}

async function collect(): Promise<void> {
  for (let i = 0; i < 4; i++) {
    global.gc!();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function main(): Promise<void> {
  const robot = await RobotKeys.load(folder, random);
  robot.sign(Buffer.from("a line of the ledger"));
  churn();
  robot.artefactId({ recipient: "0011223344556677", purpose: "research" }, 7);
  const { secretPath, publicKey: recipient } = await writeKeyPair(join(folder, "key"), random);
  const pair = await readSecretKey(secretPath);
  const policy = parsePolicy(
    "version: 1\nkeep: {strings: [label]}\nmap: {hold_back: 0s}",
    "p.yaml",
  );
  const sanitizer = await Sanitizer.create({ policy, recipient, random });
  const maker = await MapMaker.create({ policy, recipient, random });
  const sealer = new PlanSealer({ policy, recipient, random });
  const plan = canaryPlan();
  const keep = (name: string, veil: Uint8Array) => writeFileSync(join(folder, name), veil);
  for (let i = 0; i < FRAMES; i++) {
    const frame = canaryFrame(i);
    if (i < 3) keep(`frame-${i}.veil`, sanitizer.sanitize(frame).veil);
    maker.add(frame);
    frame.data.fill(0);
    churn();
  }
  const release = maker.release()!;
  keep("map.veil", release.veil);
  keep("plan.veil", sealer.seal(plan, { plan: true, path: false }).plan!.veil);
  const [tile] = await openVeil(release.veil, pair);
  writeFileSync(join(folder, "draws.json"), JSON.stringify(draws));
  stop("open");
  for (const array of [tile!.cells, tile!.positions, plan.cells]) array.fill(0);
  sanitizer.wipe();
  maker.wipe();
  sealer.wipe();
  robot.wipe();
  wipe(pair.secretKey);
}

await main();
await collect();
stop("closed");
