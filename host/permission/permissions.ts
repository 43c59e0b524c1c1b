/** The owner's permissions: what holds, how it changes, and who is told. */
import type { Gate } from "./gate-types.ts";
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
import type { Platform } from "./vocabulary.ts";

export declare class Permissions {
  static open(options: PermissionsOptions): Promise<Permissions>;
  readonly gate: Gate;
  /** Ed25519 key that verifies the ledger, 32 bytes. */
  readonly publicKey: Uint8Array;
  readonly damage: LedgerDamage | undefined;
  /** By id; of one platform if it is named. */
  list(platform?: Platform): readonly PermissionView[];
  get(permission: string): PermissionView;
  grant(request: GrantRequest): Promise<PermissionAnswer>;
  withdraw(request: WithdrawRequest): Promise<PermissionAnswer>;
  events(afterEpoch: bigint, limit: number): readonly LedgerEvent[];
  exportLines(): Iterable<string>;
  checkFeature(platform: Platform, feature: string): FeatureCheck;
  onChange(listener: (change: PermissionAnswer) => void): () => void;
  close(): Promise<void>;
}
