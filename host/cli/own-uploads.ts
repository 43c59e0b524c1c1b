/**
 * The uploads of this robot, for all its pseudonyms: named out of its secret and the number of artefacts
 * that it ever made, and asked for at the receiver. Nothing here needs a running sidecar.
 */
import { join } from "node:path";
import { timestampMs } from "@bufbuild/protobuf/wkt";
import { systemClock } from "../core/clock.ts";
import { MapveilError } from "../core/errors.ts";
import { IngestService, Upload_State as State } from "../gen/mapveil/v1/ingest_service_pb.ts";
import { RobotKeys } from "../keys/index.ts";
import type { DataClass } from "../permission/index.ts";
import {
  type CertificateSource,
  certificateSource,
  createClient,
  openChannel,
  type RpcChannel,
  RpcError,
} from "../rpc/index.ts";
import type { SidecarConfig } from "../sidecar/config.ts";
import type { UplinkOptions } from "../sidecar/index.ts";
import { peekSpool, type SpooledArtefact, type SpoolView } from "../spool/index.ts";
import { SILENT } from "../telemetry/index.ts";
import { UploadNames } from "../uplink/index.ts";
import { classWord } from "./words.ts";

/** Claims of one request. */
const BATCH = 200;

/** What became of an upload; absent: it was never sent, or is not at this receiver. */
export type UploadState = "waiting" | "unfinished" | "stored" | "deleted" | "absent";

export interface OwnUpload {
  /** Resource name at the receiver. */
  readonly name: string;
  readonly state: UploadState;
  /** With all but deleted and absent. */
  readonly dataClass?: DataClass;
  readonly bytes?: number;
  /** When it was stored there, or began to wait here; milliseconds since the Unix epoch. */
  readonly atMs?: number;
}

const STATES: Readonly<Record<State, UploadState>> = {
  [State.UNSPECIFIED]: "absent",
  [State.ABSENT]: "absent",
  [State.UNFINISHED]: "unfinished",
  [State.STORED]: "stored",
  [State.DELETED]: "deleted",
};

interface Artefact {
  readonly recipient: string;
  readonly id: string;
}

const nameOf = ({ recipient, id }: Artefact) => `recipients/${recipient}/artefacts/${id}`;

export class OwnUploads {
  readonly #names: UploadNames;
  readonly #view: SpoolView;
  readonly #tls: CertificateSource;
  readonly #channel: RpcChannel;
  readonly #client: ReturnType<typeof createClient<typeof IngestService>>;

  private constructor(names: UploadNames, view: SpoolView, to: UplinkOptions) {
    const { certificatePath, keyPath, caPath, address, serverName } = to;
    this.#names = names;
    this.#view = view;
    this.#tls = certificateSource({
      certificatePath,
      keyPath,
      caPath,
      log: SILENT,
      clock: systemClock,
    });
    this.#channel = openChannel({ address, tls: this.#tls, ...(serverName && { serverName }) });
    this.#client = createClient(IngestService, this.#channel);
  }

  /**
   * Runs `use` with the uploads of the robot of these settings. Throws NOT_FOUND if the robot has no
   * secret, CONFIG without a receiver, UNAVAILABLE if it cannot be reached.
   */
  static async with<T>(
    { options }: SidecarConfig,
    use: (uploads: OwnUploads) => Promise<T>,
  ): Promise<T> {
    const { stateDir, uplink } = options;
    if (uplink === undefined) {
      const text = "The settings name no receiver (uplink), so that there is nobody to ask.";
      throw new MapveilError("CONFIG", text, { field: "uplink" });
    }
    const keys = await RobotKeys.find(stateDir);
    if (keys === undefined) {
      const text = `${stateDir} has no robot.key: without it nobody can tell which uploads were this robot's.`;
      throw new MapveilError("NOT_FOUND", text, { file: stateDir });
    }
    const names = await UploadNames.open(stateDir, keys);
    const view = await peekSpool(join(stateDir, "spool"));
    const uploads = new OwnUploads(names, view, uplink);
    try {
      await uploads.#tls.loaded;
      return await use(uploads);
    } catch (error) {
      if (!(error instanceof RpcError) || error.code !== "UNAVAILABLE") throw error;
      const text = `The receiver ${uplink.address} cannot be reached, or its certificate is not trusted. Run: mapveil doctor`;
      throw new MapveilError("UNAVAILABLE", text, {}, error);
    } finally {
      uploads.#channel.close();
      uploads.#tls.close();
      keys.wipe();
    }
  }

  /** Artefacts that the robot ever made, as far as its present spool has counted. */
  get made(): number {
    return this.#view.nextSerial - 1;
  }

  /** Every artefact that the robot ever made, the oldest first, a request for many of them at a time. */
  async *list(): AsyncGenerator<OwnUpload[]> {
    const past = this.#names.series.slice(0, -1);
    for (const series of past) {
      // How many a spool had counted that is gone, nobody knows: until none of a whole request is there.
      for await (const batch of this.#listSeries(series, Number.MAX_SAFE_INTEGER, new Map())) {
        const there = batch.filter(({ state }) => state !== "absent");
        if (there.length === 0) break;
        yield there;
      }
    }
    const waiting = new Map(this.#view.waiting.map((one) => [one.serial, one]));
    if (this.made > 0) yield* this.#listSeries(this.#names.series.at(-1), this.made, waiting);
  }

  async *#listSeries(
    series: string | undefined,
    made: number,
    waiting: ReadonlyMap<number, SpooledArtefact>,
  ): AsyncGenerator<OwnUpload[]> {
    for (let serial = 1; serial <= made; ) {
      // One request is about one recipient.
      const { recipient } = this.#names.scopeOf(serial, series);
      const batch: { artefact: Artefact; serial: number }[] = [];
      for (; batch.length < BATCH && serial <= made; serial++) {
        if (this.#names.scopeOf(serial, series).recipient !== recipient) break;
        const known = waiting.get(serial);
        const id = known?.id ?? this.#names.idOf(serial, series);
        batch.push({ artefact: { recipient: known?.recipient ?? recipient, id }, serial });
      }
      const asked = batch.filter((one) => !waiting.has(one.serial));
      const found = await this.lookUp(asked.map(({ artefact }) => artefact));
      const bySerial = new Map(asked.map((one, i) => [one.serial, found[i]!]));
      yield batch.map(({ artefact, serial: number }): OwnUpload => {
        const here = waiting.get(number);
        if (here === undefined) return bySerial.get(number)!;
        const { dataClass, sealedBytes: bytes, spooledAtMs: atMs } = here;
        return { name: nameOf(artefact), state: "waiting", dataClass, bytes, atMs };
      });
    }
  }

  /** What the receiver says of artefacts of one recipient, at most 200. */
  async lookUp(artefacts: readonly Artefact[]): Promise<OwnUpload[]> {
    const [first] = artefacts;
    if (first === undefined) return [];
    const { uploads } = await this.#client.lookUpUploads({
      parent: `recipients/${first.recipient}`,
      uploads: artefacts.map(({ id }) => ({
        artefact: id,
        deletionKey: this.#names.deletionKey(id),
      })),
    });
    return artefacts.map((artefact, i): OwnUpload => {
      const upload = uploads[i];
      const state = STATES[upload?.state ?? State.ABSENT] ?? "absent";
      const isThere = state === "stored" || state === "unfinished";
      return {
        name: nameOf(artefact),
        state,
        ...(isThere && {
          dataClass: classWord(upload!.dataClass) as DataClass,
          bytes: Number(upload!.size),
        }),
        ...(upload?.createTime && { atMs: timestampMs(upload.createTime) }),
      };
    });
  }

  /** The recipient and the id in the name of an upload, or in an id alone. Throws USAGE for neither. */
  artefactIn(text: string): Artefact {
    const [, recipient = this.#names.scopeOf(this.made).recipient, id] =
      /^(?:recipients\/([0-9a-f]{16})\/artefacts\/)?([a-z0-9-]{4,63})$/.exec(text) ?? [];
    if (id !== undefined) return { recipient, id };
    const message = `${text}: an upload is named recipients/RECIPIENT/artefacts/ID, or by its ID.`;
    throw new MapveilError("USAGE", message);
  }

  /** Deletes an upload for good; true unless it was not there, or not any more. */
  async delete(name: string): Promise<boolean> {
    const { id } = this.artefactIn(name);
    try {
      const deletionKey = this.#names.deletionKey(id);
      const { before } = await this.#client.deleteUpload({ name, deletionKey });
      return before !== State.DELETED;
    } catch (error) {
      if (error instanceof RpcError && error.code === "NOT_FOUND") return false;
      throw error;
    }
  }
}
