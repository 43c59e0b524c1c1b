/** Certificates for trying out and for small deployments, as files. */
import { open, unlink } from "node:fs/promises";
import { isIP } from "node:net";
import { join } from "node:path";
import { MapveilError } from "../core/errors.ts";
import { ioError } from "../core/io-error.ts";
import { createAuthority, type IssuedCertificate, issueCertificate } from "../rpc/index.ts";

/** Names in the certificates of clients; the settings of a receiver refer to them. */
export const CLIENT_NAMES = {
  fleet: "urn:mapveil:fleet",
  consumer: "urn:mapveil:consumer",
} as const;

/** Authority, receiver (localhost and `host`), fleet and consumer by the names of their files. */
export function issueCertificates(
  host: readonly string[],
  valid: number,
): Record<string, IssuedCertificate> {
  const authority = createAuthority({ name: "Mapveil authority", days: valid });
  const client = (uri: string) =>
    issueCertificate(authority, { role: "client", uris: [uri], days: valid });
  return {
    authority,
    receiver: issueCertificate(authority, {
      role: "server",
      dnsNames: ["localhost", ...host.filter((name) => isIP(name) === 0)],
      ips: ["127.0.0.1", "::1", ...host.filter((name) => isIP(name) !== 0)],
      days: valid,
    }),
    fleet: client(CLIENT_NAMES.fleet),
    consumer: client(CLIENT_NAMES.consumer),
  };
}

async function create(path: string, text: string, mode: number): Promise<void> {
  try {
    const file = await open(path, "wx", mode);
    try {
      await file.chmod(mode);
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EEXIST") throw ioError(cause, path, "write");
    const message = `${path} exists already. Certificates are never overwritten; name another folder.`;
    throw new MapveilError("IO", message, { file: path }, cause);
  }
}

/** Writes all, or leaves none of them behind. Throws IO, also for files that are there. */
export async function writeCertificates(
  folder: string,
  set: Readonly<Record<string, IssuedCertificate>>,
): Promise<void> {
  const written: string[] = [];
  try {
    for (const [name, { certificate, key }] of Object.entries(set)) {
      for (const [ending, text, mode] of [
        ["key", key, 0o600],
        ["pem", certificate, 0o644],
      ] as const) {
        const path = join(folder, `${name}.${ending}`);
        await create(path, text, mode);
        written.push(path);
      }
    }
  } catch (error) {
    for (const path of written) await unlink(path).catch(() => {});
    throw error;
  }
}
