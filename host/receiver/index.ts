/** The receiver: the one door to this folder. */

export type {
  ReceiverClient,
  ReceiverLimits,
  ReceiverOptions,
  ReceiverRole,
} from "./options.ts";
export { REASONS, type Reason } from "./reasons.ts";
export { Receiver, type ReceiverAccounts } from "./receiver.ts";
