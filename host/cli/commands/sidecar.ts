/** `mapveil sidecar`: the robot's side as a process. */
import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import { systemClock } from "../../core/clock.ts";
import { MapveilError } from "../../core/errors.ts";
import { keyIdText, recipientKeyId, systemRandom } from "../../keys/index.ts";
import { compilePolicy } from "../../policy/index.ts";
import { loadSidecarConfig, SIDECAR_FILE, type SidecarConfig } from "../../sidecar/config.ts";
import { Sidecar } from "../../sidecar/index.ts";
import {
  Metrics,
  processMetrics,
  readCrashes,
  type ServiceLog,
  SIDECAR_METRICS,
  SIDECAR_PREFIX,
} from "../../telemetry/index.ts";
import { certificateTraces, machineNames, tracesText } from "../certificate-traces.ts";
import { checkCertificates, validUntil } from "../check-files.ts";
import { plural } from "../format.ts";
import type { CliIo } from "../io.ts";
import { packageVersion } from "../package-root.ts";
import type { RunningService } from "../run-service.ts";
import { addService } from "../service-command.ts";
import { sidecarReadings } from "../sidecar-readings.ts";
import { SIDECAR_STARTER_YAML } from "../sidecar-starter.ts";

async function start(
  { options }: SidecarConfig,
  log: ServiceLog,
): Promise<RunningService<SidecarConfig>> {
  const parts = { log, clock: systemClock, random: systemRandom };
  const sidecar = await Sidecar.start({ ...options, ...parts });
  const rows = [
    ...SIDECAR_METRICS,
    ...processMetrics(packageVersion(), readCrashes(options.stateDir).count),
  ];
  const certificatePath = options.uplink?.certificatePath;
  return {
    metrics: new Metrics(SIDECAR_PREFIX, rows, () =>
      sidecarReadings(sidecar.status(), certificatePath),
    ),
    isReady: () => !sidecar.status().ledgerDamaged && !sidecar.status().spool.diskFull,
    liveKeys: ["policy", "clients"],
    reload: async (next) => {
      // The policy first: what it cannot be must not leave the clients changed.
      compilePolicy(next.options.policy);
      await sidecar.setClients(next.options.clients);
      sidecar.setPolicy(next.options.policy);
    },
    stop: (graceMs) => sidecar.stop(graceMs),
  };
}

/** What to do about a certificate that points at a machine. */
const ONE_FOR_ALL = "Use one that names the fleet, and nothing of the robot.";

async function check({ options }: SidecarConfig): Promise<string[]> {
  const { policy, recipient, clients, uplink } = options;
  const { level } = compilePolicy(policy);
  const found = [
    `policy: ${policy.source.file}, level ${level}`,
    `recipient: key ${keyIdText(recipientKeyId(recipient))}`,
    `${plural(clients.length, "client")} may call`,
  ];
  if (uplink === undefined) return [...found, "uplink: none, artefacts stay on the robot"];
  const expiresMs = await checkCertificates(uplink);
  const pem = await readFile(uplink.certificatePath);
  const traces = certificateTraces(pem, await machineNames());
  const problem = tracesText(traces);
  if (problem !== undefined && traces.some(({ isThisMachine }) => isThisMachine)) {
    throw new MapveilError("CONFIG", `uplink.certificate: ${problem}. ${ONE_FOR_ALL}`, {
      field: "uplink.certificate",
    });
  }
  const warnings = problem === undefined ? [] : [`WARNING: ${problem}. ${ONE_FOR_ALL}`];
  return [...found, validUntil("certificate of the fleet", expiresMs), ...warnings];
}

/** Adds the command. */
export function addSidecar(program: Command, io: CliIo, finish: (exit: number) => void): void {
  addService(program, io, finish, {
    name: "sidecar",
    summary: "let through what the owner allows, seal it, keep it, upload it",
    kind: SIDECAR_FILE,
    starter: SIDECAR_STARTER_YAML,
    load: loadSidecarConfig,
    start,
    folderOf: ({ options }) => options.stateDir,
    check,
  });
}
