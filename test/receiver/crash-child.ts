/**
 * A receiver without its network, to be killed: writes, cuts, deletes and withdraws on the folder in
 * its arguments, and says on standard output what was answered, line by line.
 */
import { writeSync } from "node:fs";
import { systemClock } from "../../host/core/clock.ts";
import type { WriteArtefactRequest } from "../../host/gen/mapveil/v1/ingest_service_pb.ts";
import { DataClass } from "../../host/gen/mapveil/v1/types_pb.ts";
import { ByteRates } from "../../host/receiver/byte-rates.ts";
import { ClientRegistry } from "../../host/receiver/client-registry.ts";
import { openLocalStore } from "../../host/receiver/local-store.ts";
import type { ReceiverLimits } from "../../host/receiver/options.ts";
import type { ReceiverParts } from "../../host/receiver/parts.ts";
import { Refusals } from "../../host/receiver/refusals.ts";
import { WriteCall } from "../../host/receiver/write-call.ts";
import type { CallContext } from "../../host/rpc/index.ts";
import { SILENT } from "../../host/telemetry/log.ts";
import { nameOf, RECIPIENT, SOURCE, seededVeil } from "./artefacts.ts";
import { piecesOf } from "./pieces.ts";

const LIMITS: ReceiverLimits = {
  artefactBytes: 2 ** 26,
  recipientBytes: 2 ** 30,
  callsPerClient: 10,
  unfinishedPerClient: 100,
  bytesPerSPerClient: 0,
  unfinishedMaxAgeMs: 1e9,
  stallTimeoutMs: 10_000,
};

const say = (line: string) => writeSync(1, `${line}\n`);

async function* all<T>(items: Iterable<T>): AsyncIterable<T> {
  yield* items;
}

const folder = process.argv[2]!;
const store = await openLocalStore({ folder, clock: systemClock, log: SILENT });
const refusals = new Refusals();
const roles = ["ingest"] as const;
const client = { name: "fleet", certificateName: "fleet", roles, recipients: ["*"] };
const parts: ReceiverParts = {
  store,
  refusals,
  clients: new ClientRegistry([client], refusals),
  rates: new ByteRates(systemClock),
  wrongKeys: new ByteRates(systemClock),
  clock: systemClock,
  limits: () => LIMITS,
};
const call: CallContext = {
  method: "mapveil.v1.IngestService/WriteArtefact",
  client,
  signal: new AbortController().signal,
  language: "en",
  giveBack: () => {},
};

/** Says how it went; a fault of the disk is an answer too. */
async function answered(doing: string, run: () => Promise<string>): Promise<void> {
  say(`begin ${doing}`);
  try {
    say(await run());
  } catch (error) {
    say(`error ${doing} ${(error as { reason?: string }).reason ?? (error as Error).message}`);
  }
}

/** Writes an artefact from where it is; up to `pieces` pieces of 700 bytes. */
async function write(index: number, pieces: number): Promise<string> {
  const id = `artefact-${index}`;
  const bytes = seededVeil(index);
  const found = await store.look({ recipient: RECIPIENT, artefact: id });
  const from = found.state === "unfinished" ? found.committedBytes : 0;
  const messages = [...piecesOf(id, bytes, { from, pieceBytes: 700 })].slice(0, pieces);
  const answer = await new WriteCall(parts, call, all(messages as WriteArtefactRequest[])).run();
  return answer.complete ? `stored ${index}` : `part ${index} ${answer.committedSize}`;
}

for (let index = 0; index < 12; index++) {
  if (index % 3 !== 0) await answered(`write ${index}`, () => write(index, 1 + (index % 4)));
  if (index % 5 !== 4) await answered(`write ${index}`, () => write(index, 1000));
  if (index % 4 === 3) {
    const gone = index - 1;
    await answered(`delete ${gone}`, async () => {
      const key = { recipient: RECIPIENT, artefact: `artefact-${gone}` };
      return (await store.remove(key)) ? `deleted ${gone}` : `none ${gone}`;
    });
  }
}
await answered("floor", async () => {
  const key = { recipient: RECIPIENT, source: SOURCE, dataClass: DataClass.LIDAR };
  return `floor ${(await store.raiseFloor(key, 6n)).epoch}`;
});
await answered(`cancel ${nameOf("artefact-4")}`, async () => {
  await store.cancelWrite({ recipient: RECIPIENT, artefact: "artefact-4" });
  return "cancelled 4";
});
await store.close().catch(() => {});
say("end");
