/** The cloud's side: who reads what the receiver holds, and opens it with the recipient's key. */
import sodium from "libsodium-wrappers";
import { systemClock } from "../../../host/core/clock.ts";
import {
  type Artefact,
  ArtefactService,
} from "../../../host/gen/mapveil/v1/artefact_service_pb.ts";
import { IngestService } from "../../../host/gen/mapveil/v1/ingest_service_pb.ts";
import { openVeil, parseHeader } from "../../../host/index.ts";
import {
  type CertificateSource,
  certificateSource,
  createClient,
  openChannel,
  type RpcChannel,
  type ServiceClient,
} from "../../../host/rpc/index.ts";
import { SILENT } from "../../../host/telemetry/log.ts";
import type { World } from "./world.ts";

/** What an artefact turned out to be when it was opened. */
export interface OpenedArtefact {
  readonly bytes: Uint8Array;
  readonly voxels: number;
}

interface Link {
  readonly channel: RpcChannel;
  readonly source: CertificateSource;
}

await sodium.ready;
const blake2b = (bytes: Uint8Array) => Buffer.from(sodium.crypto_generichash(32, bytes, null));

export class Consumer {
  readonly #world: World;
  readonly #links = new Map<string, Link>();

  constructor(world: World) {
    this.#world = world;
  }

  /** Closes the connections: the receiver ended. */
  forget(): void {
    for (const { channel, source } of this.#links.values()) {
      channel.close();
      source.close();
    }
    this.#links.clear();
  }

  /** Rejects unless the receiver answers. */
  async ping(): Promise<void> {
    try {
      const artefacts = await this.artefacts();
      await artefacts.listArtefacts({ parent: this.parent, pageSize: 1 }, { timeoutMs: 1000 });
    } catch (error) {
      this.forget();
      throw error;
    }
  }

  get parent(): string {
    return `recipients/${this.#world.recipient}`;
  }

  async artefacts(): Promise<ServiceClient<typeof ArtefactService>> {
    return createClient(ArtefactService, await this.#open("consumer", this.#world.receiverPort));
  }

  /** An uplink of one's own, with the fleet's certificate; `port` may be the proxy's. */
  async ingest(port = this.#world.receiverPort): Promise<ServiceClient<typeof IngestService>> {
    return createClient(IngestService, await this.#open("fleet", port));
  }

  /** Everything that is stored, in the order of storage. */
  async list(): Promise<Artefact[]> {
    const client = await this.artefacts();
    const all: Artefact[] = [];
    let pageToken = "";
    do {
      const page = await client.listArtefacts({ parent: this.parent, pageSize: 1000, pageToken });
      all.push(...page.artefacts);
      pageToken = page.nextPageToken;
    } while (pageToken !== "");
    return all;
  }

  /** Downloads an artefact and opens it; throws if anything of it is not as it was said to be. */
  async open(artefact: Artefact): Promise<OpenedArtefact> {
    const client = await this.artefacts();
    const pieces: Uint8Array[] = [];
    for await (const { data } of client.downloadArtefact({ name: artefact.name }))
      pieces.push(data);
    const bytes = Buffer.concat(pieces);
    if (BigInt(bytes.length) !== artefact.size)
      throw new Error("its size is not what the list says");
    if (!blake2b(bytes).equals(artefact.digest)) throw new Error("its digest does not match");
    if (parseHeader(bytes).epoch !== artefact.permissionEpoch) throw new Error("its epoch differs");
    const tiles = await openVeil(bytes, this.#world.keyPair);
    return { bytes, voxels: tiles.reduce((sum, tile) => sum + tile.voxels, 0) };
  }

  async #open(who: "fleet" | "consumer", port: number): Promise<RpcChannel> {
    const found = this.#links.get(`${who} ${port}`);
    if (found !== undefined) return found.channel;
    const { certificate, key } = this.#world.certificates[who];
    const source = certificateSource({
      certificatePath: certificate,
      keyPath: key,
      caPath: this.#world.authority.ca,
      log: SILENT,
      clock: systemClock,
    });
    await source.loaded;
    const channel = openChannel({
      address: `127.0.0.1:${port}`,
      tls: source,
      serverName: "localhost",
    });
    this.#links.set(`${who} ${port}`, { channel, source });
    return channel;
  }
}
