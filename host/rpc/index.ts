/** Services over gRPC, without a word of grpc-js: the one door to this folder. */
export {
  type CertificateSet,
  type CertificateSource,
  type CertificateSourceOptions,
  certificateSource,
} from "./certificate-source.ts";
export {
  type CertificateRequest,
  createAuthority,
  type IssuedCertificate,
  issueCertificate,
} from "./certificates.ts";
export { type ChannelSettings, openChannel, type RpcChannel } from "./channel.ts";
export { type ClientOptions, createClient } from "./client.ts";
export { toMapveilError, toRpcError } from "./convert-errors.ts";
export type { Health } from "./health.ts";
export {
  type FieldViolation,
  failedPrecondition,
  invalidField,
  type Language,
  notFound,
  type PreconditionViolation,
  permissionDenied,
  type RpcCode,
  RpcError,
  type RpcErrorDetails,
  resourceExhausted,
  unauthenticated,
  unavailable,
} from "./rpc-error.ts";
export { RpcServer, type RpcServerLimits, type RpcServerOptions } from "./server.ts";
export { fromStatus, toStatus } from "./status.ts";
export type {
  Authorise,
  CallContext,
  CallOptions,
  ClientIdentity,
  IncomingCall,
  RequestStream,
  ServiceClient,
  ServiceHandlers,
} from "./types.ts";
export { isListening } from "./unix-socket.ts";
