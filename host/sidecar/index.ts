/** The robot's gRPC server. */
export type {
  SidecarClient,
  SidecarLimits,
  SidecarOptions,
  SidecarRole,
  UplinkOptions,
} from "./options.ts";
export { Sidecar } from "./sidecar.ts";
export type { LinkState, SidecarStatus, StreamState } from "./status.ts";
