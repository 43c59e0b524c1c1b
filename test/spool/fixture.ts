/** A spool in a temporary folder, on a clock that the test moves. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DataClass } from "../../host/permission/vocabulary.ts";
import {
  type Accounts,
  type NewArtefact,
  openSpool,
  type Spool,
  type SpoolOptions,
} from "../../host/spool/index.ts";
import { SILENT } from "../../host/telemetry/log.ts";
import { TestClock } from "../permission/test-clock.ts";

export const RECIPIENT = "0123456789abcdef";

/** Sealed bytes of a test: no two numbers give the same. */
export function veilOf(number: number, bytes: number): Uint8Array {
  const veil = new Uint8Array(bytes);
  for (let i = 0; i < bytes; i++) veil[i] = (number * 31 + i * 7 + (i >> 8)) & 0xff;
  return veil;
}

export function artefactOf(
  number: number,
  bytes = 1000,
  dataClass: DataClass = "lidar",
  epoch = 1n,
): NewArtefact {
  return { dataClass, level: "frames", epoch, recipient: RECIPIENT, veil: veilOf(number, bytes) };
}

const folders: string[] = [];

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "mv-spool-"));
  folders.push(folder);
  return folder;
}

/** For afterAll: removes every folder that was made. */
export function removeFolders(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

export function openIn(folder: string, options: Partial<SpoolOptions> = {}): Promise<Spool> {
  return openSpool({
    folder,
    quotaBytes: 1_000_000,
    maxAgeMs: 604_800_000,
    artefactId: (serial) => `artefact-${serial}`,
    clock: new TestClock(),
    log: SILENT,
    ...options,
  });
}

/** All that the accounts say became of frames; must be `captured`. */
export function accountedFor(accounts: Accounts): number {
  const sum = (counts: object) =>
    Object.values(counts as Record<string, number>).reduce((a, b) => a + b, 0);
  const { uploaded, spooled, refused, evicted, mapped } = accounts;
  return uploaded + spooled + sum(refused) + sum(evicted) + mapped;
}
