/** The owner's permissions: catalogue, ledger and gate. */

export type { Gate, Refusal, RefusalReason, UploadDecision } from "./gate-types.ts";
export { verifyLedgerExport } from "./ledger-export.ts";
export { PermissionError, type PermissionErrorReason } from "./permission-error.ts";
export { type ChangeListener, Permissions } from "./permissions.ts";
export type {
  DecidedBy,
  FeatureCheck,
  FeatureView,
  GrantRequest,
  LedgerDamage,
  LedgerEvent,
  PermissionAnswer,
  PermissionsOptions,
  PermissionView,
  WithdrawRequest,
} from "./types.ts";
export * from "./vocabulary.ts";
