/** The owner's permissions: what holds, how it changes, and who is told. */
import { MapveilError } from "../core/errors.ts";
import type { Log } from "../telemetry/log.ts";
import { CATALOGUE, type CataloguedPermission, findPermission } from "./catalogue.ts";
import { checkFeature } from "./feature-check.ts";
import { type GateState, openGate } from "./gate.ts";
import type { Gate } from "./gate-types.ts";
import { Ledger } from "./ledger.ts";
import type { LedgerEntry, WithdrawalEntry } from "./ledger-entry.ts";
import { exportLine } from "./ledger-export.ts";
import { PermissionError } from "./permission-error.ts";
import {
  assertRepeated,
  grantEntry,
  type RequestContext,
  requestIdOf,
  withdrawalEntry,
} from "./requests.ts";
import { PermissionState, type Standing } from "./state.ts";
import { RECIPIENT_ID } from "./texts.ts";
import type {
  FeatureCheck,
  GrantRequest,
  LedgerDamage,
  LedgerEvent,
  PermissionAnswer,
  PermissionsOptions,
  PermissionView,
  WithdrawRequest,
} from "./types.ts";
import { viewOf } from "./view.ts";
import type { DataClass, PermissionId, Platform } from "./vocabulary.ts";

/** Between two tries to record a withdrawal that could not be recorded: doubles up to the second. */
const RETRY_MS = 1_000;
const RETRY_MS_MAX = 60_000;

/** Called after a change is on the disk, before the one who changed it is answered. */
export type ChangeListener = (change: PermissionAnswer) => void;

/**
 * A change is decided, recorded and in force within one turn of the event loop: changes cannot
 * overtake each other, and no frame is decided on in the middle of one.
 */
export class Permissions {
  /** Asked before every frame and every piece that is sent. */
  readonly gate: Gate;
  /** Ed25519 key that verifies the ledger, 32 bytes. */
  readonly publicKey: Uint8Array;
  readonly #options: PermissionsOptions;
  readonly #log: Log;
  readonly #ledger: Ledger;
  readonly #state: PermissionState;
  readonly #gateState: GateState;
  readonly #listeners = new Set<ChangeListener>();
  /** Withdrawals that could not be recorded: off all the same, and recorded before anything else. */
  readonly #unrecorded = new Map<PermissionId, Omit<WithdrawalEntry, "epoch">>();
  readonly #closing = new AbortController();
  /** Runs while there are any. */
  #catchingUp: Promise<void> | undefined;

  private constructor(options: PermissionsOptions, ledger: Ledger, state: PermissionState) {
    this.#options = options;
    this.#log = options.log;
    this.#ledger = ledger;
    this.#state = state;
    this.publicKey = options.keys.signingPublicKey;
    const standingOf = (id: PermissionId) => this.#standingOf(id);
    this.#gateState = {
      get epoch() {
        return state.epoch;
      },
      get isDamaged() {
        return ledger.damage !== undefined;
      },
      purpose: options.purpose,
      standingOf,
      floorOf: (dataClass: DataClass) => state.floorOf(dataClass),
      floorRaisedMs: (dataClass: DataClass) => state.floorRaisedMs(dataClass),
    };
    this.gate = openGate(this.#gateState);
  }

  /**
   * Opens the ledger below the state folder and verifies it. A damaged one is no error: everything
   * is refused then, see `damage`. Rejects with USAGE for a recipient that is no key id, with IO or
   * NO_SPACE if the ledger's files cannot be read or made.
   */
  static async open(options: PermissionsOptions): Promise<Permissions> {
    if (!RECIPIENT_ID.test(options.recipient)) {
      throw new MapveilError("USAGE", "The recipient must be a key id of 16 hexadecimal digits.");
    }
    const ledger = await Ledger.open(options);
    const state = new PermissionState(options.clock, options.recipient, options.purpose);
    for (const { entry } of ledger.entries) state.apply(entry);
    return new Permissions(options, ledger, state);
  }

  /** Where the ledger is damaged, so that nothing is allowed; undefined if it is whole. */
  get damage(): LedgerDamage | undefined {
    return this.#ledger.damage;
  }

  /** Every permission as it is now, by id; of one platform if it is named. */
  list(platform?: Platform): readonly PermissionView[] {
    return [...CATALOGUE.values()]
      .filter((permission) => platform === undefined || permission.platform === platform)
      .map((permission) => this.#view(permission));
  }

  /** One permission as it is now. Throws PERMISSION_UNKNOWN. */
  get(permission: string): PermissionView {
    return this.#view(findPermission(permission));
  }

  /**
   * Grants a permission; recorded and in force when this resolves. Rejects with a PermissionError
   * that says what is wrong with the request, with NO_SPACE or IO if it cannot be recorded: nothing
   * has changed then.
   */
  async grant(request: GrantRequest): Promise<PermissionAnswer> {
    const context = this.#context(request.permission);
    this.#ledger.assertWhole();
    this.#recordWithdrawals();
    const repeated = this.#repeated("grant", request);
    if (repeated !== undefined) return repeated;
    this.#assertEtag(context.permission, request.etag);
    const entry = grantEntry(request, context);
    if (request.validateOnly) {
      return { permission: this.#view(context.permission), epoch: this.#state.epoch };
    }
    return this.#answered(this.#record(entry));
  }

  /**
   * Withdraws a permission. The gate closes first and the record follows, for which room is kept on
   * the disk. If it fails all the same (IO, NO_SPACE) this rejects; the gate stays closed, and the
   * record is tried again until it is made, a last time by close(): only a process that is killed
   * before forgets the withdrawal. Withdrawing what is off changes nothing and records nothing.
   * Rejects with a PermissionError for a request that is wrong.
   */
  async withdraw(request: WithdrawRequest): Promise<PermissionAnswer> {
    const context = this.#context(request.permission);
    const { permission } = context;
    this.#ledger.assertWhole();
    this.#recordWithdrawals();
    const repeated = this.#repeated("withdraw", request);
    if (repeated !== undefined) return repeated;
    this.#assertEtag(permission, request.etag);
    const entry = withdrawalEntry(request, context);
    // An expired grant is withdrawn too: a clock that is set back could bring it back.
    if (this.#state.grantOf(permission.id) === undefined) {
      return { permission: this.#view(permission), epoch: this.#state.epoch };
    }
    this.#unrecorded.set(permission.id, entry);
    try {
      this.#recordWithdrawals();
    } catch (error) {
      this.#catchingUp ??= this.#catchUp();
      throw error;
    }
    return this.#answered(this.#state.lastOf(permission.id)!);
  }

  /** Up to `limit` entries of the ledger behind `afterEpoch`, oldest first. */
  events(afterEpoch: bigint, limit: number): readonly LedgerEvent[] {
    const first = Number(afterEpoch);
    return this.#ledger.entries.slice(first, first + limit).map(({ event }) => event);
  }

  /** The whole ledger as lines of JSON; verifyLedgerExport reads them. */
  exportLines(): readonly string[] {
    return this.#ledger.entries.map(({ event }) => exportLine(event));
  }

  /** Whether a feature may run now. Throws FEATURE_UNKNOWN. */
  checkFeature(platform: Platform, feature: string): FeatureCheck {
    return checkFeature(this.#gateState, platform, feature);
  }

  /**
   * Calls back after every change, as soon as it is recorded and in force; the answer ends it. The
   * end of a grant that was for a limited time is no change: the gate finds it when it is asked.
   */
  onChange(listener: ChangeListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Closes the ledger's files; what could not be recorded so far is tried a last time before. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#catchingUp;
    await this.#ledger.close();
  }

  #standingOf(id: PermissionId): Standing {
    return this.#unrecorded.has(id) ? { kind: "off" } : this.#state.standingOf(id);
  }

  #view(permission: CataloguedPermission): PermissionView {
    const holds =
      this.#ledger.damage === undefined && this.#standingOf(permission.id).kind === "on";
    return viewOf(permission, this.#state.lastOf(permission.id), holds);
  }

  #context(id: string): RequestContext {
    const { clock, recipient, policyDigest } = this.#options;
    return {
      permission: findPermission(id),
      recipient,
      policyDigest: policyDigest && Buffer.from(policyDigest()).toString("hex"),
      wallMs: clock.wallMs(),
      latestMs: this.#state.latestMs,
    };
  }

  /** The answer that the same request got before. */
  #repeated(
    action: "grant" | "withdraw",
    request: GrantRequest | WithdrawRequest,
  ): PermissionAnswer | undefined {
    const id = requestIdOf(request.requestId);
    const entry = id === undefined ? undefined : this.#state.requestOf(id);
    if (entry === undefined) return undefined;
    assertRepeated(action, request, entry);
    return this.#answerFor(entry);
  }

  #assertEtag(permission: CataloguedPermission, etag: string | undefined): void {
    if (etag === undefined || etag === this.#view(permission).etag) return;
    const message = `${permission.id} was changed since it was read; read it again, then decide.`;
    throw new PermissionError("ETAG_MISMATCH", message, "etag");
  }

  /** Records what was withdrawn and could not be recorded so far. */
  #recordWithdrawals(): void {
    for (const [id, entry] of [...this.#unrecorded]) {
      this.#record(entry);
      this.#unrecorded.delete(id);
    }
  }

  /** A pause that close() ends is followed by one more try. */
  async #catchUp(): Promise<void> {
    const { signal } = this.#closing;
    for (let ms = RETRY_MS; this.#mustCatchUp(); ms = Math.min(2 * ms, RETRY_MS_MAX)) {
      await this.#options.clock.sleep(ms, signal);
      try {
        this.#recordWithdrawals();
      } catch (error) {
        this.#log.warn("withdrawal_not_recorded", { code: (error as MapveilError).code });
        if (signal.aborted) break;
      }
    }
    this.#catchingUp = undefined;
  }

  /** A ledger that is damaged takes nothing any more, and allows nothing. */
  #mustCatchUp(): boolean {
    return this.#unrecorded.size > 0 && this.#ledger.damage === undefined;
  }

  #record(content: Parameters<Ledger["append"]>[0]): LedgerEntry {
    const entry = this.#ledger.append(content);
    this.#state.apply(entry);
    const { epoch, permission, action } = entry;
    const role = entry.decided_by.role;
    this.#log.info(`permission_${action}`, { permission, epoch: BigInt(epoch), role });
    const change = this.#answerFor(entry);
    for (const listener of this.#listeners) this.#tell(listener, change);
    return entry;
  }

  #tell(listener: ChangeListener, change: PermissionAnswer): void {
    try {
      listener(change);
    } catch {
      // The change is made: what one listener cannot cope with must not hide it from the others.
      this.#log.error("permission_listener_failed", { permission: change.permission.id });
    }
  }

  #answerFor(entry: LedgerEntry): PermissionAnswer {
    const permission = viewOf(findPermission(entry.permission), entry, true);
    return { permission, epoch: BigInt(entry.epoch) };
  }

  /** The answer waits for the head, so that a cut of the ledger behind it would show. */
  async #answered(entry: LedgerEntry): Promise<PermissionAnswer> {
    await this.#ledger.headWritten();
    return this.#answerFor(entry);
  }
}
