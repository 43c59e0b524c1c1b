/** The owner's refusal as an error that names permission, feature, consequence and the way back. */
import type { Language, Refusal } from "../permission/index.ts";
import { RpcError } from "../rpc/index.ts";

/** PERMISSION_DENIED with every part of the refusal in the caller's language. */
export function refusalError(refusal: Refusal, language: Language): RpcError {
  const { reason, permission, message, feature, consequence, unaffected } = refusal;
  return new RpcError("PERMISSION_DENIED", reason, message.en, {
    localized: message,
    metadata: {
      permission,
      feature: feature[language],
      consequence: consequence[language],
      unaffected: unaffected[language],
      restore_command: refusal.restoreCommand,
    },
  });
}
