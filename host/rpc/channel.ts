/** Connections of clients, with bounds on everything. */
import { isIP } from "node:net";
import { resolve } from "node:path";
import { ChannelCredentials, type ChannelOptions, Client } from "@grpc/grpc-js";
import type { CertificateSource } from "./certificate-source.ts";
import { USER_AGENT } from "./grpc-js-internals.ts";
import { channelCredentials } from "./tls-credentials.ts";

/** Largest message in bytes, unless the caller says otherwise: that of gRPC itself. */
const MESSAGE_BYTES_MAX = 4 * 1024 * 1024;

/** Bytes that a server may send ahead of what is read. */
const WINDOW_BYTES = 4 * 1024 * 1024;

/** Where to connect to. */
export type ChannelTarget =
  | { readonly unixPath: string }
  | {
      /** host:port */
      readonly address: string;
      readonly tls: CertificateSource;
      /** Name in the server's certificate, if not the host of `address`. */
      readonly serverName?: string;
    };

export type ChannelSettings = ChannelTarget & {
  /** Largest message in bytes, in and out; default 4 MiB. */
  readonly maxMessageBytes?: number;
};

/** A connection that clients share. It is made with the first call, and again after it broke. */
export interface RpcChannel {
  /** For `createClient`: the connection, and the calls that are open. */
  readonly client: Client;
  readonly calls: Set<{ cancel(): void }>;
  /** Largest message in bytes, in and out. */
  readonly maxMessageBytes: number;
  /**
   * Whether servers are told how long a call may take. Not in the network: what is left of it tells
   * of settings, of sizes and of how fast this machine is.
   */
  readonly tellsDeadlines: boolean;
  /** Ends the connection; calls that are open fail with CANCELLED. */
  close(): void;
}

function optionsOf(maxMessageBytes: number): ChannelOptions {
  return {
    "grpc.max_receive_message_length": maxMessageBytes,
    "grpc.max_send_message_length": maxMessageBytes,
    "grpc-node.flow_control_window": WINDOW_BYTES,
    "grpc.primary_user_agent": USER_AGENT,
    // What may be repeated is for the callers to know.
    "grpc.enable_retries": 0,
    "grpc.service_config_disable_resolution": 1,
    "grpc.enable_channelz": 0,
    "grpc.use_local_subchannel_pool": 1,
    "grpc.keepalive_time_ms": 30_000,
    "grpc.keepalive_timeout_ms": 10_000,
    "grpc.initial_reconnect_backoff_ms": 200,
    "grpc.max_reconnect_backoff_ms": 5000,
  };
}

/** The name that a server is asked for in the open (SNI) where its address is no name: RFC 6066 §3. */
const NAMELESS = "receiver";

/** A client with TLS. The certificate must have `serverName`, or the host of `address`. */
function secureClient(
  settings: Extract<ChannelTarget, { readonly address: string }>,
  options: ChannelOptions,
): Client {
  const { address, tls, serverName } = settings;
  const host = address.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1");
  const name = serverName ?? host;
  return new Client(address, channelCredentials(tls, name), {
    ...options,
    "grpc.ssl_target_name_override": isIP(name) === 0 ? name : NAMELESS,
    ...(serverName === undefined ? {} : { "grpc.default_authority": serverName }),
  });
}

/** A channel to a unix socket, or with TLS 1.3 and this client's certificate. Connects when needed. */
export function openChannel(settings: ChannelSettings): RpcChannel {
  const { maxMessageBytes = MESSAGE_BYTES_MAX } = settings;
  const options = optionsOf(maxMessageBytes);
  const client =
    "unixPath" in settings
      ? new Client(`unix:${resolve(settings.unixPath)}`, ChannelCredentials.createInsecure(), {
          ...options,
          "grpc.enable_http_proxy": 0,
        })
      : secureClient(settings, options);
  const calls: RpcChannel["calls"] = new Set();
  const close = () => {
    for (const call of calls) call.cancel();
    client.close();
  };
  return { client, calls, maxMessageBytes, tellsDeadlines: "unixPath" in settings, close };
}
