/** All that the doctor looks at, in its order. */
import { loadSidecarConfig, type SidecarConfig } from "../sidecar/config.ts";
import { type Check, checkOf, type Finding, ok, warning } from "./doctor-check.ts";
import { clockCheck, coreCheck, diskCheck, modesCheck, nodeCheck } from "./doctor-machine.ts";
import { MEMORY_CHECKS } from "./doctor-memory.ts";
import {
  certificatesCheck,
  ledgerCheck,
  policyCheck,
  receiverCheck,
  recipientCheck,
  sidecarCheck,
} from "./doctor-services.ts";
import type { CliIo } from "./io.ts";
import { type SidecarFlags, sidecarConfigPath } from "./sidecar-connection.ts";

function checksOf(config: SidecarConfig): Check[] {
  const { uplink } = config.options;
  return [
    diskCheck(config),
    modesCheck(config),
    policyCheck(config),
    recipientCheck(config),
    ...(uplink === undefined
      ? [
          async () =>
            warning(
              "uplink",
              "none is configured",
              "Nothing is uploaded; add uplink.",
              "NO_UPLINK",
            ),
        ]
      : [certificatesCheck(uplink), receiverCheck(uplink)]),
  ];
}

/** Everything that the doctor finds; without settings, of the machine alone. */
export async function examine(io: CliIo, flags: SidecarFlags): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const check of [nodeCheck, coreCheck, clockCheck, ...MEMORY_CHECKS])
    findings.push(await check());
  const file = sidecarConfigPath(io, flags);
  if (file === undefined) {
    const advice = "Name them to check the rest: --config FILE.";
    return [...findings, warning("settings", "none were named", advice, "NO_SETTINGS")];
  }
  let config: SidecarConfig | undefined;
  const load = checkOf("settings", "Run: mapveil sidecar validate", async () => {
    config = await loadSidecarConfig(file, { environment: io.environment, settings: [] });
    return ok("settings", file);
  });
  findings.push(await load());
  if (config === undefined) return findings;
  for (const check of checksOf(config)) findings.push(await check());
  const sidecar = await sidecarCheck(io, flags)();
  // Without the sidecar nothing can be said of its ledger.
  const answers = sidecar.result === "ok" ? [await ledgerCheck(io, flags)()] : [];
  return [...findings, sidecar, ...answers];
}
