/** The way to the receiver, if one is configured. */
import type { Clock } from "../core/clock.ts";
import { IngestService } from "../gen/mapveil/v1/ingest_service_pb.ts";
import type { Gate } from "../permission/index.ts";
import { certificateSource, createClient, openChannel } from "../rpc/index.ts";
import type { Spool } from "../spool/types.ts";
import { Uplink, type UploadNames } from "../uplink/index.ts";
import type { SidecarOptions, UplinkOptions } from "./options.ts";
import type { LinkState } from "./status.ts";

export interface LinkParts {
  readonly spool: Spool;
  readonly gate: Gate;
  readonly names: UploadNames;
}

export class Link {
  readonly uplink: Uplink;
  readonly #closeSource: () => void;
  readonly #unwatch: () => void;
  #confirmed = 0;
  #confirmedAtMs: number | undefined;

  /** Starts to upload what waits. Certificates that are no good now are read again as they change. */
  constructor(to: UplinkOptions, parts: LinkParts, options: SidecarOptions) {
    const { clock, log, random } = options;
    const { spool, gate, names } = parts;
    const { certificatePath, keyPath, caPath, address, serverName } = to;
    const tls = certificateSource({ certificatePath, keyPath, caPath, log, clock });
    this.uplink = new Uplink({
      spool,
      gate,
      names,
      connect: () => {
        const channel = openChannel({ address, tls, ...(serverName && { serverName }) });
        return { client: createClient(IngestService, channel), close: () => channel.close() };
      },
      options: to,
      clock,
      random,
      log,
    });
    this.#closeSource = () => tls.close();
    this.#unwatch = spool.onChange(() => this.#note(clock));
    this.uplink.start();
  }

  /** What it does now. */
  state(): LinkState {
    return { ...this.uplink.state(), confirmedAtMs: this.#confirmedAtMs };
  }

  /** Stops; what is on its way has `graceMs` milliseconds. */
  async stop(graceMs: number): Promise<void> {
    this.#unwatch();
    await this.uplink.stop(graceMs);
    this.#closeSource();
  }

  #note(clock: Clock): void {
    const { confirmed } = this.uplink.state();
    if (confirmed > this.#confirmed) this.#confirmedAtMs = clock.wallMs();
    this.#confirmed = confirmed;
  }
}
