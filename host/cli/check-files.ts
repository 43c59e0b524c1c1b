/** Certificates and other files that settings name, looked at before a service needs them. */
import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { systemClock } from "../core/clock.ts";
import { certificateSource } from "../rpc/index.ts";
import { SILENT } from "../telemetry/index.ts";

export interface CertificatePaths {
  readonly certificatePath: string;
  readonly keyPath: string;
  readonly caPath: string;
}

/**
 * When a certificate expires, milliseconds since the Unix epoch, once certificate, key and authority
 * were found to fit together. Throws CONFIG with what is wrong.
 */
export async function checkCertificates(paths: CertificatePaths): Promise<number> {
  const source = certificateSource({ ...paths, log: SILENT, clock: systemClock });
  try {
    await source.loaded;
    return source.current()!.expiresMs;
  } finally {
    source.close();
  }
}

/** "certificate of the fleet: sound until 2027-01-31". */
export function validUntil(what: string, expiresMs: number): string {
  return `${what}: sound until ${new Date(expiresMs).toISOString().slice(0, 10)}`;
}

/** When the certificate in a file expires, milliseconds since the Unix epoch; undefined if it is none. */
export async function expiryOf(path: string): Promise<number | undefined> {
  try {
    return Date.parse(new X509Certificate(await readFile(path)).validTo);
  } catch {
    return undefined;
  }
}
