/** The ledger as text that anybody can verify with the robot's public key. */
import { z } from "zod";
import { entryHash, isSignedEntry, NO_HASH } from "./ledger-chain.ts";
import { parseEntry } from "./ledger-entry.ts";
import type { LedgerDamage, LedgerEvent } from "./types.ts";

const hex = (bytes: number) => z.string().regex(new RegExp(`^[0-9a-f]{${2 * bytes}}$`));
const toHex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

const LINE = z.strictObject({
  epoch: z.int().min(1),
  entry: z.string(),
  previous_hash: hex(32),
  hash: hex(32),
  signature: hex(64),
});

/** One line of JSON without a line end: the entry as it was signed, and its proof in hexadecimal. */
export function exportLine(event: LedgerEvent): string {
  return JSON.stringify({
    epoch: Number(event.epoch),
    entry: event.entry,
    previous_hash: toHex(event.previousHash),
    hash: toHex(event.hash),
    signature: toHex(event.signature),
  });
}

function parseLine(line: string): z.infer<typeof LINE> | undefined {
  try {
    return LINE.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}

/**
 * Verifies an export from its first entry on; undefined if it is what the robot of `publicKey` (32
 * bytes) signed, without a gap, else the first entry that is not. An export cannot tell that
 * entries behind its last one were left out: ask the robot for its epoch.
 */
export function verifyLedgerExport(
  lines: Iterable<string>,
  publicKey: Uint8Array,
): LedgerDamage | undefined {
  let epoch = 0;
  let previousHash: Uint8Array = NO_HASH;
  for (const text of lines) {
    epoch += 1;
    const damage = (what: string) => ({ epoch: BigInt(epoch), reason: `Entry ${epoch} ${what}.` });
    const line = parseLine(text);
    if (line === undefined) return damage("is not a line of an export");
    const hash = entryHash(previousHash, line.entry);
    const isChained = line.previous_hash === toHex(previousHash) && line.hash === toHex(hash);
    if (line.epoch !== epoch || !isChained) return damage("does not follow the entry before it");
    if (!isSignedEntry(publicKey, hash, Buffer.from(line.signature, "hex"))) {
      return damage("was not signed by this robot");
    }
    const entry = parseEntry(line.entry, epoch);
    if (typeof entry === "string") return damage(entry);
    previousHash = hash;
  }
  return undefined;
}
