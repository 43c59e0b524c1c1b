/** A process that opens a damaged spool and uses it; says how it went, and never dies of it. */
import { MapveilError } from "../../host/core/errors.ts";
import { digestOf } from "../../host/spool/digest.ts";
import { accountedFor, artefactOf, openIn } from "./fixture.ts";

for (const folder of process.argv.slice(2)) {
  try {
    const spool = await openIn(folder);
    for (const { id, digest } of spool.nextToUpload(99)) {
      const veil = await spool.read(id);
      if (veil && Buffer.compare(digestOf(veil), digest) !== 0) throw new Error("wrong bytes");
    }
    for (let i = 0; i < 5; i++) await spool.add(artefactOf(i, 20_000));
    await spool.destroy("lidar", 9n, 9n);
    const accounts = spool.accounts();
    if (accountedFor(accounts) !== accounts.captured) throw new Error("wrong accounts");
    await spool.close();
    console.log("good", JSON.stringify(accounts.evicted));
  } catch (error) {
    if (!(error instanceof MapveilError)) throw error;
    console.log(error.code);
  }
}
