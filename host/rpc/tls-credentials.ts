/** Credentials of grpc-js that follow a certificate source: TLS 1.3 only, both sides with a certificate. */
import { constants } from "node:crypto";
import { checkServerIdentity, createSecureContext, type SecureContextOptions } from "node:tls";
import { ChannelCredentials, ServerCredentials } from "@grpc/grpc-js";
import type { CertificateSet, CertificateSource } from "./certificate-source.ts";

/** Milliseconds for a client to finish its handshake. */
const HANDSHAKE_TIMEOUT_MS = 10_000;

/**
 * Everything that a secure context is made of: on a change of certificates Node forgets whatever is
 * not in here, the version included. Without tickets nobody resumes a session that was begun under
 * an authority that has been replaced since. The suites are named, so that no variable of the
 * environment gives a robot a handshake of its own.
 */
const contextOf = ({ certificate, key, ca }: CertificateSet): SecureContextOptions => ({
  cert: certificate,
  key,
  ca,
  minVersion: "TLSv1.3",
  maxVersion: "TLSv1.3",
  ciphers: "TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256",
  secureOptions: constants.SSL_OP_NO_TICKET,
});

class SourceServerCredentials extends ServerCredentials {
  readonly #source: CertificateSource;
  #unwatch = () => {};

  constructor(source: CertificateSource) {
    const options = {
      requestCert: true,
      rejectUnauthorized: true,
      handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
    };
    super(options, contextOf(source.current()!));
    this.#source = source;
  }

  override _addWatcher(watcher: Parameters<ServerCredentials["_addWatcher"]>[0]): void {
    if (this.getWatcherCount() === 0) {
      this.#unwatch = this.#source.onChange((set) =>
        this.updateSecureContextOptions(contextOf(set)),
      );
    }
    super._addWatcher(watcher);
  }

  override _removeWatcher(watcher: Parameters<ServerCredentials["_removeWatcher"]>[0]): void {
    super._removeWatcher(watcher);
    if (this.getWatcherCount() === 0) this.#unwatch();
  }

  override _equals(other: ServerCredentials): boolean {
    return this === other;
  }
}

/** For a server; the source must have loaded. New connections get new certificates, old ones go on. */
export function serverCredentials(source: CertificateSource): ServerCredentials {
  return new SourceServerCredentials(source);
}

class SourceChannelCredentials extends ChannelCredentials {
  readonly #source: CertificateSource;
  readonly #serverName: string;

  constructor(source: CertificateSource, serverName: string) {
    super();
    this.#source = source;
    this.#serverName = serverName;
  }

  override _isSecure(): boolean {
    return true;
  }

  override _equals(other: ChannelCredentials): boolean {
    return this === other;
  }

  override _createSecureConnector(
    ...to: Parameters<ChannelCredentials["_createSecureConnector"]>
  ): ReturnType<ChannelCredentials["_createSecureConnector"]> {
    /** Every connection is made with what is current then. */
    const connector = () => {
      const set = this.#source.current();
      if (!set) throw new Error(this.#source.problem() ?? "There is no certificate yet.");
      const context = createSecureContext(contextOf(set));
      return ChannelCredentials.createFromSecureContext(context, {
        checkServerIdentity: (_, peer) => checkServerIdentity(this.#serverName, peer),
      })._createSecureConnector(...to);
    };
    const plain = ChannelCredentials.createInsecure()._createSecureConnector(to[0], to[1], to[2]);
    return {
      connect: async (socket) => await connector().connect(socket),
      waitForReady: () => this.#source.loaded.catch(() => {}),
      getCallCredentials: () => plain.getCallCredentials(),
      destroy() {},
    };
  }
}

/**
 * For a client. `serverName` is the name or address that the server's certificate must have. Without
 * a good certificate connections fail, and are tried again.
 */
export function channelCredentials(
  source: CertificateSource,
  serverName: string,
): ChannelCredentials {
  return new SourceChannelCredentials(source, serverName);
}
