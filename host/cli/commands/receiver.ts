/** `mapveil receiver`: the cloud's side as a process. */
import type { Command } from "commander";
import { systemClock } from "../../core/clock.ts";
import { loadReceiverConfig, RECEIVER_FILE, type ReceiverConfig } from "../../receiver/config.ts";
import { REASONS, Receiver } from "../../receiver/index.ts";
import {
  Metrics,
  processMetrics,
  RECEIVER_METRICS,
  RECEIVER_PREFIX,
  type ReceiverReadings,
  readCrashes,
  type ServiceLog,
} from "../../telemetry/index.ts";
import { checkCertificates, validUntil } from "../check-files.ts";
import { plural } from "../format.ts";
import type { CliIo } from "../io.ts";
import { packageVersion } from "../package-root.ts";
import { RECEIVER_STARTER_YAML } from "../receiver-starter.ts";
import type { RunningService } from "../run-service.ts";
import { addService } from "../service-command.ts";

function readings(receiver: Receiver): ReceiverReadings {
  const accounts = receiver.accounts();
  const { expiresMs } = receiver.certificate();
  return {
    ...accounts,
    refused: Object.fromEntries(REASONS.map((reason) => [reason, accounts.refused[reason] ?? 0])),
    certificateExpiryS: expiresMs === undefined ? undefined : expiresMs / 1000,
  };
}

async function start(
  config: ReceiverConfig,
  log: ServiceLog,
): Promise<RunningService<ReceiverConfig>> {
  const receiver = await Receiver.start({ ...config.options, log, clock: systemClock });
  const rows = [
    ...RECEIVER_METRICS,
    ...processMetrics(packageVersion(), readCrashes(config.options.dataDir).count),
  ];
  return {
    metrics: new Metrics(RECEIVER_PREFIX, rows, () => readings(receiver)),
    isReady: () => receiver.certificate().expiresMs! > systemClock.wallMs(),
    liveKeys: ["clients", "limits"],
    reload: async ({ options }) => {
      receiver.setClients(options.clients);
      receiver.setLimits(options.limits);
    },
    stop: (graceMs) => receiver.stop(graceMs),
  };
}

async function check({ options }: ReceiverConfig): Promise<string[]> {
  const expiresMs = await checkCertificates({ ...options, caPath: options.clientCaPath });
  return [
    validUntil("certificate of the receiver", expiresMs),
    `${plural(options.clients.length, "client")} may call`,
  ];
}

/** Adds the command. */
export function addReceiver(program: Command, io: CliIo, finish: (exit: number) => void): void {
  addService(program, io, finish, {
    name: "receiver",
    summary: "take sealed artefacts from robots and keep them for their recipients",
    kind: RECEIVER_FILE,
    starter: RECEIVER_STARTER_YAML,
    load: loadReceiverConfig,
    start,
    folderOf: ({ options }) => options.dataDir,
    check,
  });
}
