/** A withdrawal takes everything with it that was made under the permission and has not left. */
import { MapveilError } from "../core/errors.ts";
import type { DataClass, Gate, Permissions } from "../permission/index.ts";
import type { Spool } from "../spool/types.ts";
import type { Log } from "../telemetry/log.ts";
import type { Uplink } from "../uplink/index.ts";
import type { AddBarrier } from "./add-barrier.ts";

/** Withdrawals whose counts are remembered for those who ask for them. */
const REMEMBERED_MAX = 256;

export interface Destroyed {
  readonly artefacts: number;
  /** Sealed bytes. */
  readonly bytes: number;
}

export interface WithdrawalParts {
  readonly gate: Gate;
  readonly barrier: AddBarrier;
  readonly spool: Spool;
  /** Frames and maps that are being made: they lie in memory, and nowhere else. */
  readonly streams: { forget(dataClass: DataClass, epochFloor: bigint): void };
  /** Absent if nothing is uploaded. */
  readonly uplink: Uplink | undefined;
  readonly log: Log;
}

export class Withdrawals {
  readonly #parts: WithdrawalParts;
  /** By the epoch of the decision, oldest first. */
  readonly #carriedOut = new Map<bigint, Promise<Destroyed>>();
  readonly #unwatch: () => void;

  /**
   * Carries out every withdrawal from its entry in the ledger on, whoever made it and whenever it
   * could be recorded: also one that a full disk kept out of the ledger when it was asked for.
   */
  constructor(permissions: Pick<Permissions, "onChange">, parts: WithdrawalParts) {
    this.#parts = parts;
    this.#unwatch = permissions.onChange(({ permission: { dataClass }, epoch }) => {
      if (parts.gate.epochFloor(dataClass) === epoch) this.#begin(dataClass, epoch);
    });
  }

  /**
   * What the withdrawal of that epoch destroyed, when it is carried out. One of long ago, or one
   * that failed, is carried out again: what was made since stays.
   * @throws MapveilError NO_SPACE, IO
   */
  async of(dataClass: DataClass, epoch: bigint): Promise<Destroyed> {
    return this.#carriedOut.get(epoch) ?? this.again(dataClass);
  }

  /**
   * Forgets frames and maps, waits for what had passed the gate before it closed, stops its upload, and destroys it.
   * @throws MapveilError NO_SPACE, IO
   */
  async again(dataClass: DataClass): Promise<Destroyed> {
    const { gate, barrier, streams, spool, uplink } = this.#parts;
    streams.forget(dataClass, gate.epochFloor(dataClass));
    await barrier.settle(dataClass);
    await uplink?.withdraw(dataClass);
    return spool.destroy(dataClass, gate.epochFloor(dataClass), gate.epoch);
  }

  /** Leaves what is recorded from now on to the next start. */
  close(): void {
    this.#unwatch();
  }

  #begin(dataClass: DataClass, epoch: bigint): void {
    const [oldest] = this.#carriedOut.keys();
    if (oldest !== undefined && this.#carriedOut.size >= REMEMBERED_MAX) {
      this.#carriedOut.delete(oldest);
    }
    const carryingOut = this.again(dataClass);
    this.#carriedOut.set(epoch, carryingOut);
    carryingOut.catch((error: unknown) => {
      // The gate keeps what is left from leaving; whoever asks again, and every start, tries again.
      this.#carriedOut.delete(epoch);
      const code = error instanceof MapveilError ? error.code : "INTERNAL";
      this.#parts.log.error("withdrawn_not_destroyed", { dataClass, code });
    });
  }
}
