/** A process that works on a spool and says on its output what it tries and what it was promised. */
import { writeSync } from "node:fs";
import { artefactOf, openIn } from "./fixture.ts";

const [folder, lanes] = process.argv.slice(2) as [string, string];
const say = (text: string) => writeSync(1, `${text}\n`);

const spool = await openIn(folder, { quotaBytes: 100_000_000 });
say("open");
let number = 0;

/** Adds, removes every third one, refuses or maps every fourth time; every fifth one is a release. */
async function work(): Promise<void> {
  for (let round = 0; round < 60; round++) {
    const mine = ++number;
    say(`try add ${mine}`);
    const releasedScans = round % 5 === 4 ? 1 : 0;
    if (releasedScans > 0) say(`try release ${mine}`);
    const artefact = artefactOf(mine, 1000 + ((mine * 7919) % 90_000));
    const { serial, id } = await spool.add({ ...artefact, releasedScans });
    if (releasedScans > 0) say(`did release ${mine}`);
    say(`did add ${mine} ${serial}`);
    if (round % 3 === 0) {
      say(`try mark ${serial}`);
      await spool.markUploaded(id);
      say(`did mark ${serial}`);
    }
    if (round % 4 === 0) {
      say("try refuse");
      await spool.refuse("OVERLOADED");
      say("did refuse");
      say("try map");
      await spool.countMapped();
      say("did map");
    }
  }
}

await Promise.all(Array.from({ length: Number(lanes) }, work));
await spool.close();
say("end");
