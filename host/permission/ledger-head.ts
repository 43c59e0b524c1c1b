/**
 * The head: a signed note beside the ledger of how far it went. A chain alone cannot tell that its
 * last entries were cut off, which would bring back what the owner had withdrawn.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ioError } from "../core/io-error.ts";
import { writeFileAtomic } from "../formats/atomic-file.ts";
import type { RobotKeys } from "../keys/index.ts";
import { isSignedBy } from "./ledger-chain.ts";

const FILE_NAME = "ledger.head";
const LINE = /^mapveil-ledger-head-1 (0|[1-9][0-9]{0,14}) ([0-9a-f]{64}) ([0-9a-f]{128})\n$/;
const CONTEXT = new TextEncoder().encode("mapveil.ledger-head.v1");

export interface LedgerHead {
  /** Number of the last entry; 0 for none. */
  readonly epoch: number;
  readonly hash: Uint8Array;
}

export const headPath = (stateDir: string): string => join(stateDir, FILE_NAME);

function signedBytes(head: LedgerHead): Uint8Array {
  const epoch = Buffer.alloc(8);
  epoch.writeBigUInt64LE(BigInt(head.epoch));
  return Buffer.concat([CONTEXT, epoch, head.hash]);
}

/** Replaces the head; on the disk when this resolves. Rejects with IO or NO_SPACE. */
export async function writeHead(stateDir: string, keys: RobotKeys, head: LedgerHead) {
  const signature = Buffer.from(keys.sign(signedBytes(head))).toString("hex");
  const hash = Buffer.from(head.hash).toString("hex");
  const line = `mapveil-ledger-head-1 ${head.epoch} ${hash} ${signature}\n`;
  await writeFileAtomic(headPath(stateDir), Buffer.from(line), { mode: 0o600 });
}

/** The head; "missing" if there is none, "damaged" if it is not what this robot signed. */
export async function readHead(
  stateDir: string,
  publicKey: Uint8Array,
): Promise<LedgerHead | "missing" | "damaged"> {
  const path = headPath(stateDir);
  let text: string;
  try {
    text = await readFile(path, "latin1");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "missing";
    throw ioError(error, path, "read");
  }
  const [, epoch, hash, signature] = LINE.exec(text) ?? [];
  if (epoch === undefined || hash === undefined || signature === undefined) return "damaged";
  const head = { epoch: Number(epoch), hash: new Uint8Array(Buffer.from(hash, "hex")) };
  const isSigned = isSignedBy(publicKey, signedBytes(head), Buffer.from(signature, "hex"));
  return isSigned ? head : "damaged";
}
