/** What the handlers of the receiver share. */
import type { Clock } from "../core/clock.ts";
import type { ByteRates } from "./byte-rates.ts";
import type { ClientRegistry } from "./client-registry.ts";
import type { ReceiverLimits } from "./options.ts";
import type { Refusals } from "./refusals.ts";
import type { Store } from "./store.ts";

export interface ReceiverParts {
  readonly store: Store;
  readonly clients: ClientRegistry;
  readonly refusals: Refusals;
  readonly rates: ByteRates;
  /** How fast each client may try keys that are not those of uploads. */
  readonly wrongKeys: ByteRates;
  readonly clock: Clock;
  /** The limits now: they can be replaced at any time. */
  limits(): ReceiverLimits;
}
