/** Clients of the sidecar and of the receiver. */
export type {
  AcceptedView,
  HeldView,
  ReceiptView,
  RefusedView,
  ReleaseView,
} from "./receipt.ts";
export { receiptWords } from "./receipt.ts";
export { ReceiverClient, type ReceiverClientOptions } from "./receiver-client.ts";
export {
  SensorClient,
  type SensorClientOptions,
  type SensorStream,
  type SensorStreamOptions,
} from "./sensor-client.ts";
export { SidecarClient } from "./sidecar-client.ts";
export type { SocketOptions } from "./socket.ts";
