/** A process that makes a map until it is killed; says on standard output how far it came. */
import { writeSync } from "node:fs";
import { knownMap, levelPose, scanOf } from "./maps.ts";

const say = (line: string) => writeSync(1, `${line}\n`);
const ring = Array.from({ length: 360 }, (_, i) => [2 * Math.cos(i), 2 * Math.sin(i), 0]).flat();

const { maker } = await knownMap("level: map\nmap: {hold_back: 1s}", { flat: true });
say("begun");
for (let i = 1; ; i++) {
  maker.add(scanOf(ring, BigInt(i) * 100_000_000n, levelPose(0, 0, 0)));
  if (i % 50 !== 0) continue;
  maker.release();
  say(`added ${i}`);
  // Lets the one who reads this come to it.
  await new Promise((resolve) => setTimeout(resolve, 1));
}
