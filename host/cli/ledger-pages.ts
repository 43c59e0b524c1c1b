/** The whole ledger of a sidecar, and whether it is what the robot signed. */
import type { SidecarClient } from "../client/index.ts";
import type { PermissionEvent } from "../gen/mapveil/v1/permission_service_pb.ts";
import type { GetStatusResponse } from "../gen/mapveil/v1/status_service_pb.ts";
import { exportLine, verifyLedgerExport } from "../permission/ledger-export.ts";

export interface Ledger {
  readonly events: readonly PermissionEvent[];
  /** Verifies the signatures; empty without an entry. */
  readonly publicKey: Uint8Array;
}

/** Every entry, oldest first. */
export async function readLedger(sidecar: SidecarClient): Promise<Ledger> {
  const events: PermissionEvent[] = [];
  let key: Uint8Array = new Uint8Array();
  for await (const { event, publicKey } of sidecar.history()) {
    events.push(event);
    key = publicKey;
  }
  return { events, publicKey: key };
}

/** The entries as lines of JSON, as they are exported. */
export function exportLines({ events }: Ledger): string[] {
  return events.map((event) => exportLine(event));
}

/**
 * What is wrong with the ledger of a sidecar of that status, in a sentence; undefined if it is whole.
 * The sidecar gives out what it could read: that alone may be a sound beginning.
 */
export function ledgerProblem(
  ledger: Ledger,
  { permissionEpoch: epoch, ledgerDamaged }: GetStatusResponse,
): string | undefined {
  const damage = verifyLedgerExport(exportLines(ledger), ledger.publicKey);
  if (damage !== undefined) return damage.reason;
  if (ledgerDamaged) return `The sidecar finds it damaged behind entry ${ledger.events.length}.`;
  const count = BigInt(ledger.events.length);
  return count < epoch ? `Only ${count} of ${epoch} entries are there.` : undefined;
}
