/** The durable queue between the core and the link. */

export { peekSpool, type SpoolView } from "./peek.ts";
export { openSpool, type SpoolOptions } from "./spool.ts";
export {
  type Accounts,
  EVICTED_REASONS,
  type EvictedReason,
  type NewArtefact,
  REFUSED_REASONS,
  type RefusedReason,
  type Spool,
  type SpooledArtefact,
  type SpoolState,
} from "./types.ts";
