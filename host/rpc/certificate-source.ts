/** A certificate with its key and an authority, read again as the files change. */
import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { createSecureContext } from "node:tls";
import type { Clock } from "../core/clock.ts";
import { MapveilError } from "../core/errors.ts";
import type { Log } from "../telemetry/log.ts";

/** Largest file that is read, in bytes. */
const FILE_BYTES_MAX = 1024 * 1024;

/** Milliseconds between two looks at the files. */
const INTERVAL_MS = 10_000;

/** PEM texts that fit together. */
export interface CertificateSet {
  readonly certificate: Buffer;
  readonly key: Buffer;
  readonly ca: Buffer;
  /** When the certificate expires, in milliseconds since the Unix epoch. */
  readonly expiresMs: number;
}

export interface CertificateSourceOptions {
  readonly certificatePath: string;
  readonly keyPath: string;
  /** Authorities that sign the other side. */
  readonly caPath: string;
  readonly log: Log;
  readonly clock: Clock;
  /** Milliseconds between two looks at the files; default 10 s. */
  readonly intervalMs?: number;
}

export interface CertificateSource {
  /** Resolves with the first look at the files; rejects with MapveilError CONFIG if they are no good. */
  readonly loaded: Promise<void>;
  /** The last good set; undefined before there was one. */
  current(): CertificateSet | undefined;
  /** What is wrong with the files now: a sentence, or undefined. */
  problem(): string | undefined;
  /** Tells of every new good set. Returns how to stop that. */
  onChange(listener: (set: CertificateSet) => void): () => void;
  /** Stops looking at the files. */
  close(): void;
}

const fault = (path: string, text: string, reason?: string) =>
  new MapveilError("CONFIG", `${path}: ${text}`, { file: path, ...(reason && { reason }) });

async function read(path: string): Promise<Buffer> {
  try {
    const { size } = await stat(path);
    if (size > FILE_BYTES_MAX) throw fault(path, "is too large for a PEM file.");
    return await readFile(path);
  } catch (error) {
    if (error instanceof MapveilError) throw error;
    throw fault(path, `cannot be read (${(error as NodeJS.ErrnoException).code}).`);
  }
}

/** The value of a parser of PEM; its own errors say nothing to a user. */
function parse<T>(path: string, what: string, parser: () => T): T {
  try {
    return parser();
  } catch {
    throw fault(path, `is no ${what} in PEM form.`);
  }
}

const blocksOf = (pem: Buffer) =>
  pem.toString("latin1").match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];

/** Reads the three files and checks that they work together. Throws MapveilError CONFIG. */
async function load(options: CertificateSourceOptions): Promise<CertificateSet> {
  const { certificatePath, keyPath, caPath, clock } = options;
  const certificate = await read(certificatePath);
  const key = await read(keyPath);
  const ca = await read(caPath);
  const own = parse(certificatePath, "certificate", () => new X509Certificate(certificate));
  const secret = parse(keyPath, "private key", () => createPrivateKey(key));
  if (!own.checkPrivateKey(secret)) {
    throw fault(keyPath, `is not the key of the certificate in ${certificatePath}.`);
  }
  const now = clock.wallMs();
  const expiresMs = Date.parse(own.validTo);
  if (!(expiresMs > now)) {
    throw fault(certificatePath, `expired on ${own.validTo}.`, "CERTIFICATE_EXPIRED");
  }
  if (Date.parse(own.validFrom) > now) {
    const text = `is not valid before ${own.validFrom}; is the clock right?`;
    throw fault(certificatePath, text, "CERTIFICATE_TOO_YOUNG");
  }
  const authorities = parse(caPath, "certificate", () =>
    blocksOf(ca).map((block) => new X509Certificate(block)),
  );
  if (!authorities.some(({ validTo }) => Date.parse(validTo) > now)) {
    throw fault(caPath, "has no certificate of an authority that is still valid.");
  }
  parse(certificatePath, "certificate chain", () =>
    createSecureContext({ cert: certificate, key, ca, minVersion: "TLSv1.3" }),
  );
  return { certificate, key, ca, expiresMs };
}

const equal = (a: CertificateSet, b: CertificateSet) =>
  a.certificate.equals(b.certificate) && a.key.equals(b.key) && a.ca.equals(b.ca);

/**
 * Watches three PEM files. A new set is used once it is whole and fits together; until then, and when
 * files are missing or wrong, the last good set stays. Says so in the log, once for each problem.
 */
export function certificateSource(options: CertificateSourceOptions): CertificateSource {
  const { log, clock } = options;
  const listeners = new Set<(set: CertificateSet) => void>();
  let current: CertificateSet | undefined;
  let problem: string | undefined;
  let looking = false;

  const look = async () => {
    try {
      const set = await load(options);
      problem = undefined;
      if (current && equal(set, current)) return;
      current = set;
      log.info("certificate_loaded");
      for (const listener of listeners) listener(set);
    } catch (error) {
      const text = error instanceof MapveilError ? error.message : "The files cannot be read.";
      if (text !== problem) log.warn("certificate_rejected", { code: "CONFIG" });
      problem = text;
      throw error;
    }
  };

  const loaded = look();
  loaded.catch(() => {}); // Whoever needs the certificate asks for it; nobody else fails.
  const timer = setInterval(async () => {
    if (looking) return;
    looking = true;
    await look().catch(() => {}); // `problem` says what.
    looking = false;
  }, options.intervalMs ?? INTERVAL_MS).unref();

  return {
    loaded,
    current: () => current,
    problem: () => {
      if (problem === undefined && current && current.expiresMs <= clock.wallMs()) {
        return "The certificate has expired.";
      }
      return problem;
    },
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () => clearInterval(timer),
  };
}
