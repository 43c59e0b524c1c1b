/** A receiver with certificates, and clients of it, over TLS on the loopback. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { type Clock, systemClock } from "../../host/core/clock.ts";
import { ArtefactService } from "../../host/gen/mapveil/v1/artefact_service_pb.ts";
import { IngestService } from "../../host/gen/mapveil/v1/ingest_service_pb.ts";
import {
  Receiver,
  type ReceiverClient,
  type ReceiverLimits,
  type ReceiverOptions,
} from "../../host/receiver/index.ts";
import {
  certificateSource,
  createAuthority,
  createClient,
  issueCertificate,
  openChannel,
} from "../../host/rpc/index.ts";
import { SILENT } from "../../host/telemetry/log.ts";
import { OTHER_RECIPIENT, RECIPIENT } from "./artefacts.ts";
import type { Piece } from "./pieces.ts";
import { MemoryLog, temporaryFolder } from "./temporary.ts";

export const LIMITS: ReceiverLimits = {
  artefactBytes: 64 * 2 ** 20,
  recipientBytes: 2 ** 30,
  callsPerClient: 100,
  unfinishedPerClient: 100,
  bytesPerSPerClient: 0,
  unfinishedMaxAgeMs: 86_400_000,
  stallTimeoutMs: 30_000,
};

export const CLIENTS: readonly ReceiverClient[] = [
  client("fleet", ["ingest"], [RECIPIENT]),
  client("any-fleet", ["ingest"], ["*"]),
  client("reader", ["consumer"], [RECIPIENT]),
  client("other-reader", ["consumer"], [OTHER_RECIPIENT]),
];

function client(
  name: string,
  roles: ReceiverClient["roles"],
  recipients: readonly string[],
): ReceiverClient {
  return { name, certificateName: `spiffe://test/${name}`, roles, recipients };
}

const authority = createAuthority({ name: "test", days: 2 });

/** Files of a certificate below a folder. */
export function writeCertificates(folder: string, name: string, role: "server" | "client") {
  const issued = issueCertificate(authority, {
    role,
    days: 1,
    ...(role === "server" ? { dnsNames: ["localhost"] } : { uris: [`spiffe://test/${name}`] }),
  });
  mkdirSync(folder, { recursive: true });
  const path = (what: string, text: string) => {
    const file = join(folder, `${name}.${what}.pem`);
    writeFileSync(file, text);
    return file;
  };
  return {
    certificatePath: path("certificate", issued.certificate),
    keyPath: path("key", issued.key),
    caPath: path("ca", authority.certificate),
  };
}

export interface RunningReceiver {
  readonly receiver: Receiver;
  readonly options: ReceiverOptions;
  readonly log: MemoryLog;
  /** Clients of both services with the certificate of one of CLIENTS, or of nobody. */
  as(name: string): ReturnType<typeof clientsOf>;
  /** Stops it and starts another one on the same folder. */
  restart(): Promise<Receiver>;
}

export function clientsOf(folder: string, port: number, name: string) {
  const tls = certificateSource({
    ...writeCertificates(folder, name, "client"),
    log: SILENT,
    clock: systemClock,
  });
  const channel = openChannel({ address: `127.0.0.1:${port}`, tls, serverName: "localhost" });
  onTestFinished(() => {
    channel.close();
    tls.close();
  });
  return {
    channel,
    ingest: createClient(IngestService, channel),
    artefacts: createClient(ArtefactService, channel),
  };
}

export async function startReceiver(
  limits: Partial<ReceiverLimits> = {},
  settings: { clock?: Clock; dataDir?: string } = {},
): Promise<RunningReceiver> {
  const folder = temporaryFolder();
  const certificates = join(folder, "certificates");
  const { certificatePath, keyPath, caPath } = writeCertificates(certificates, "own", "server");
  const log = new MemoryLog();
  const options: ReceiverOptions = {
    listen: "127.0.0.1:0",
    dataDir: settings.dataDir ?? join(folder, "data"),
    certificatePath,
    keyPath,
    clientCaPath: caPath,
    clients: CLIENTS,
    limits: { ...LIMITS, ...limits },
    log,
    clock: settings.clock ?? systemClock,
  };
  let receiver = await Receiver.start(options);
  onTestFinished(() => receiver.stop(0));
  return {
    options,
    log,
    get receiver() {
      return receiver;
    },
    as: (name) => clientsOf(certificates, receiver.port, name),
    async restart() {
      await receiver.stop(0);
      receiver = await Receiver.start(options);
      return receiver;
    },
  };
}

/** Sends pieces in one call; what the call answers, once all are sent or it has failed. */
export async function send(
  { ingest }: Pick<ReturnType<typeof clientsOf>, "ingest">,
  pieces: Iterable<Partial<Piece>>,
) {
  const call = ingest.writeArtefact({ timeoutMs: 20_000 });
  call.response.catch(() => {});
  try {
    for (const piece of pieces) await call.write(piece);
    call.end();
  } catch {
    // The status says why.
  }
  return await call.response;
}
