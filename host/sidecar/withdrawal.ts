/** A withdrawal takes everything with it that was made under the permission and has not left. */
import type { DataClass, Gate } from "../permission/index.ts";
import type { Spool } from "../spool/types.ts";
import type { Uplink } from "../uplink/index.ts";
import type { AddBarrier } from "./add-barrier.ts";

export interface Destroyed {
  readonly artefacts: number;
  /** Sealed bytes. */
  readonly bytes: number;
}

export interface WithdrawalParts {
  readonly gate: Gate;
  readonly barrier: AddBarrier;
  readonly spool: Spool;
  /** Absent if nothing is uploaded. */
  readonly uplink: Uplink | undefined;
}

/**
 * To be called when the gate is closed and the ledger says so: waits for what had passed the gate,
 * stops its upload, and destroys it.
 */
export async function destroyWithdrawn(
  dataClass: DataClass,
  { gate, barrier, spool, uplink }: WithdrawalParts,
): Promise<Destroyed> {
  await barrier.settle(dataClass);
  await uplink?.withdraw(dataClass);
  return spool.destroy(dataClass, gate.epochFloor(dataClass), gate.epoch);
}
