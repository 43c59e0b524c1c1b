/** What a consumer asks of the receiver: the sealed artefacts of its recipient. */
import sodium from "libsodium-wrappers";
import { systemClock } from "../core/clock.ts";
import { MapveilError } from "../core/errors.ts";
import {
  type Artefact,
  ArtefactService,
  type WatchArtefactsResponse,
} from "../gen/mapveil/v1/artefact_service_pb.ts";
import {
  type CertificateSource,
  certificateSource,
  createClient,
  openChannel,
  type RpcChannel,
  RpcError,
  type ServiceClient,
} from "../rpc/index.ts";
import { SILENT } from "../telemetry/log.ts";

await sodium.ready;

const PAGE_SIZE = 1000;
const DIGEST_BYTES = 32;
/** Bytes of an artefact that is downloaded into memory, unless the caller says otherwise. */
const DOWNLOAD_BYTES_MAX = 256 * 1024 * 1024;

export interface ReceiverClientOptions {
  /** host:port of the receiver. */
  readonly address: string;
  /** Paths of PEM files: who signs receivers, and this consumer's certificate and key. */
  readonly caPath: string;
  readonly certificatePath: string;
  readonly keyPath: string;
  /** Name in the receiver's certificate, if not the host of `address`. */
  readonly serverName?: string;
}

/** Failures of calls are RpcErrors. Artefacts are named "recipients/{recipient}/artefacts/{artefact}". */
export class ReceiverClient {
  readonly #tls: CertificateSource;
  readonly #channel: RpcChannel;
  readonly #service: ServiceClient<typeof ArtefactService>;

  private constructor(tls: CertificateSource, channel: RpcChannel) {
    this.#tls = tls;
    this.#channel = channel;
    this.#service = createClient(ArtefactService, channel);
  }

  /** Reads the certificates; connects with the first call. Throws MapveilError CONFIG. */
  static async create(options: ReceiverClientOptions): Promise<ReceiverClient> {
    const { address, serverName, ...paths } = options;
    const tls = certificateSource({ ...paths, log: SILENT, clock: systemClock });
    try {
      await tls.loaded;
    } catch (error) {
      tls.close();
      throw error;
    }
    const channel = openChannel({ address, tls, ...(serverName !== undefined && { serverName }) });
    return new ReceiverClient(tls, channel);
  }

  /** The artefacts of a recipient (16 hexadecimal digits), oldest first, page by page. */
  async *list(recipient: string): AsyncGenerator<Artefact> {
    const parent = `recipients/${recipient}`;
    for (let pageToken = ""; ; ) {
      const page = await this.#service.listArtefacts({ parent, pageSize: PAGE_SIZE, pageToken });
      yield* page.artefacts;
      pageToken = page.nextPageToken;
      if (pageToken === "") return;
    }
  }

  /** What the receiver knows of one artefact. */
  async get(name: string): Promise<Artefact> {
    const { artefact } = await this.#service.getArtefact({ name });
    if (artefact !== undefined) return artefact;
    throw new RpcError("INTERNAL", "PROTOCOL", "The receiver answered without an artefact.");
  }

  /**
   * The sealed bytes piece by piece; memory does not grow with them. The last piece is given out
   * only if all of them have the size and the digest that the receiver promised.
   * @throws RpcError, MapveilError INTEGRITY
   */
  async *downloadPieces(name: string): AsyncGenerator<Uint8Array> {
    const { size, digest } = await this.get(name);
    const hash = sodium.crypto_generichash_init(null, DIGEST_BYTES);
    const refuse = (what: string): never => {
      throw new MapveilError("INTEGRITY", `${name}: ${what}. Download it again.`);
    };
    let received = 0n;
    let held: Uint8Array | undefined;
    for await (const { data } of this.#service.downloadArtefact({ name })) {
      received += BigInt(data.length);
      if (received > size) refuse(`more than the ${size} bytes came that it should have`);
      sodium.crypto_generichash_update(hash, data);
      if (held !== undefined) yield held;
      held = data;
    }
    if (received < size) refuse(`only ${received} of ${size} bytes came`);
    const found = sodium.crypto_generichash_final(hash, DIGEST_BYTES);
    if (Buffer.compare(found, digest) !== 0) refuse("the bytes do not have the digest they should");
    if (held !== undefined) yield held;
  }

  /**
   * The sealed bytes as a whole.
   * @param bytesMax most bytes that are taken into memory
   * @throws RpcError, MapveilError INTEGRITY, TOO_LARGE
   */
  async download(name: string, bytesMax = DOWNLOAD_BYTES_MAX): Promise<Uint8Array> {
    const pieces: Uint8Array[] = [];
    let bytes = 0;
    for await (const piece of this.downloadPieces(name)) {
      bytes += piece.length;
      if (bytes > bytesMax) {
        const message = `${name}: it has more than ${bytesMax} bytes; download it in pieces.`;
        throw new MapveilError("TOO_LARGE", message);
      }
      pieces.push(piece);
    }
    return Uint8Array.from(Buffer.concat(pieces));
  }

  /** Deletes an artefact for good; one that is not there is no failure with `allowMissing`. */
  async delete(
    name: string,
    options: { readonly etag?: string; readonly allowMissing?: boolean } = {},
  ): Promise<void> {
    await this.#service.deleteArtefact({ name, ...options });
  }

  /** Every artefact behind `resumeToken` (empty: all), then each one that is stored. */
  watch(
    recipient: string,
    options: { readonly resumeToken?: string; readonly signal?: AbortSignal } = {},
  ): AsyncIterable<WatchArtefactsResponse> {
    const { resumeToken = "", signal } = options;
    const request = { parent: `recipients/${recipient}`, resumeToken };
    return this.#service.watchArtefacts(request, signal ? { signal } : {});
  }

  /** Ends the connection. */
  close(): void {
    this.#channel.close();
    this.#tls.close();
  }
}
