/** What the doctor looks at around the sidecar: settings, certificates, receiver, sidecar, ledger. */

import { readFile } from "node:fs/promises";
import { connect as connectTls } from "node:tls";
import { parseHostPort } from "../config/index.ts";
import { keyIdText, recipientKeyId } from "../keys/index.ts";
import { compilePolicy } from "../policy/index.ts";
import type { SidecarConfig } from "../sidecar/config.ts";
import type { UplinkOptions } from "../sidecar/index.ts";
import { certificateTraces, machineNames, tracesText } from "./certificate-traces.ts";
import { checkCertificates, validUntil } from "./check-files.ts";
import { type Check, checkOf, failure, ok, warning } from "./doctor-check.ts";
import type { CliIo } from "./io.ts";
import { ledgerProblem, readLedger } from "./ledger-pages.ts";
import { type SidecarFlags, withSidecar } from "./sidecar-connection.ts";
import { isBalanced } from "./status-text.ts";

const DAY_MS = 86_400_000;
/** Days before the end of a certificate from which on the doctor warns. */
const RENEW_DAYS = 14;
const CONNECT_TIMEOUT_MS = 5000;
const READERS = ["monitor", "owner", "guardian", "sensor"] as const;

export function policyCheck({ options }: SidecarConfig): Check {
  return checkOf("policy", "Run: mapveil policy explain", async () => {
    const { level } = compilePolicy(options.policy);
    const found = `${options.policy.source.file}, level ${level}`;
    if (level !== "nothing") return ok("policy", found);
    const advice = "Nothing can leave; raise the level if that is not meant.";
    return warning("policy", found, advice, "LEVEL_NOTHING");
  });
}

export function recipientCheck({ options }: SidecarConfig): Check {
  return async () => ok("recipient", `key ${keyIdText(recipientKeyId(options.recipient))}`);
}

export function certificatesCheck(uplink: UplinkOptions): Check {
  const advice = "Renew the certificates; the sidecar takes new files without a restart.";
  return checkOf("certificates", advice, async () => {
    const expiresMs = await checkCertificates(uplink);
    const found = validUntil("certificate of the fleet", expiresMs);
    const pem = await readFile(uplink.certificatePath);
    const trace = tracesText(certificateTraces(pem, await machineNames()));
    if (trace !== undefined) {
      return warning(
        "certificates",
        trace,
        "Use one that names the fleet, and nothing of the robot.",
      );
    }
    const days = (expiresMs - Date.now()) / DAY_MS;
    return days > RENEW_DAYS
      ? ok("certificates", found)
      : warning("certificates", found, advice, "CERTIFICATE_EXPIRES_SOON");
  });
}

/** Why a handshake with the receiver fails; undefined if it does not. */
async function handshake(uplink: UplinkOptions): Promise<string | undefined> {
  const { host, port } = parseHostPort(uplink.address)!;
  const [ca, cert, key] = await Promise.all(
    [uplink.caPath, uplink.certificatePath, uplink.keyPath].map((path) => readFile(path)),
  );
  return new Promise((resolve) => {
    const servername = uplink.serverName ?? host;
    const options = { host, port, ca, cert, key, servername, minVersion: "TLSv1.3" as const };
    const socket = connectTls({ ...options, ALPNProtocols: ["h2"] });
    const end = (problem?: string) => {
      socket.destroy();
      resolve(problem);
    };
    socket.setTimeout(CONNECT_TIMEOUT_MS, () => end("no answer in time"));
    socket.once("secureConnect", () => end());
    socket.once("error", (error: NodeJS.ErrnoException) => end(error.code ?? "refused"));
  });
}

export function receiverCheck(uplink: UplinkOptions): Check {
  return async () => {
    const problem = await handshake(uplink).catch(() => "the certificates cannot be read");
    if (problem === undefined)
      return ok("receiver", `${uplink.address} answers, and is who it says`);
    const advice = "Artefacts wait until it answers. Check address, network, server_name and ca.";
    const code = /^[A-Z][A-Z0-9_]{2,40}$/.test(problem) ? `RECEIVER_${problem}` : "RECEIVER_AWAY";
    return warning("receiver", `${uplink.address}: ${problem}`, advice, code);
  };
}

export function sidecarCheck(io: CliIo, flags: SidecarFlags): Check {
  return checkOf("sidecar", "Start it: mapveil sidecar --config FILE", async () => {
    const status = await withSidecar(io, flags, READERS, (sidecar) => sidecar.status());
    const { accounting, spool } = status;
    if (accounting !== undefined && !isBalanced(accounting)) {
      const advice = "This is a defect; report it.";
      return failure("sidecar", "its accounting does not add up", advice, "UNBALANCED");
    }
    if (spool?.diskFull) {
      return failure("sidecar", "the disk is full", "Free some room.", "DISK_FULL");
    }
    return ok("sidecar", `version ${status.version} answers, and accounts for every frame`);
  });
}

export function ledgerCheck(io: CliIo, flags: SidecarFlags): Check {
  const advice = "Keep a copy of the state folder; see docs/operations.md, damaged ledger.";
  return checkOf("ledger", advice, async () => {
    const problem = await withSidecar(io, flags, READERS, async (sidecar) => {
      const status = await sidecar.status();
      return ledgerProblem(await readLedger(sidecar), status);
    });
    return problem === undefined
      ? ok("ledger", "whole, and signed by this robot")
      : failure("ledger", problem, advice, "LEDGER_DAMAGED");
  });
}
