/** An uplink between a spool in memory and a receiver of plain functions. */
import type { Clock } from "../../host/core/clock.ts";
import type { Gate } from "../../host/permission/gate-types.ts";
import type { DataClass } from "../../host/permission/vocabulary.ts";
import { digestOf } from "../../host/spool/digest.ts";
import type { Spool, SpooledArtefact } from "../../host/spool/index.ts";
import { Shelf } from "../../host/spool/shelf.ts";
import { SILENT } from "../../host/telemetry/log.ts";
import { type SendOptions, Uplink } from "../../host/uplink/index.ts";
import type { SourceName } from "../../host/uplink/types.ts";
import { veilOf } from "../spool/fixture.ts";
import { FakeIngest } from "./fake-ingest.ts";
import { VirtualClock } from "./virtual-clock.ts";

export class TestGate implements Gate {
  epoch = 1n;
  readonly closed = new Set<DataClass>();
  readonly floors = new Map<DataClass, bigint>();
  /** When each was raised; now, if nothing else is said. */
  readonly raisedMs = new Map<DataClass, number>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  decideUpload(dataClass: DataClass, level: "frames"): ReturnType<Gate["decideUpload"]> {
    if (!this.closed.has(dataClass)) return { allowed: true, epoch: this.epoch, level };
    return { allowed: false, epoch: this.epoch, refusal: {} as never };
  }

  epochFloor(dataClass: DataClass): bigint {
    return this.floors.get(dataClass) ?? 0n;
  }

  floorRaisedMs(dataClass: DataClass): number {
    return this.raisedMs.get(dataClass) ?? this.#clock.wallMs();
  }

  withdraw(dataClass: DataClass): void {
    this.raisedMs.set(dataClass, this.#clock.wallMs());
    this.floors.set(dataClass, ++this.epoch);
  }
}

type Part = "nextToUpload" | "read" | "markUploaded" | "reject" | "onChange" | "state";

/** Length of a pseudonym's epoch. */
export const EPOCH_MS = 86_400_000;
const RECIPIENT = "0123456789abcdef";

/** The pseudonym of the day so many days after that of the clock's start. */
export const nameOfDay = (days: number) =>
  nameAt(new VirtualClock().wallMs() + days * EPOCH_MS).source;

/** Pseudonyms that tell their epoch: the number of the day, padded. */
const nameAt = (wallMs: number): SourceName => {
  const day = Math.floor(wallMs / EPOCH_MS);
  const source = `${day}`.padStart(32, "0");
  return { source, recipient: RECIPIENT, sinceMs: day * EPOCH_MS };
};

/** The part of a spool that the uplink uses, in memory. */
export class TestSpool implements Pick<Spool, Part> {
  readonly shelf = new Shelf();
  readonly veils = new Map<string, Uint8Array>();
  readonly uploaded: string[] = [];
  readonly refused: string[] = [];
  /** Artefacts that were read and are not settled yet. */
  reads = 0;
  #serial = 0;
  readonly #clock: Clock;
  readonly #listeners = new Set<() => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(bytes: number, dataClass: DataClass = "lidar", epoch = 1n): SpooledArtefact {
    const serial = ++this.#serial;
    const veil = veilOf(serial, bytes);
    const artefact: SpooledArtefact = {
      id: `a-${serial}`,
      serial,
      dataClass,
      level: "frames",
      epoch,
      recipient: RECIPIENT,
      sealedBytes: bytes,
      digest: digestOf(veil),
      spooledAtMs: this.#clock.wallMs(),
    };
    this.shelf.add({ artefact, ageMs: 0 });
    this.veils.set(artefact.id, veil);
    for (const listener of this.#listeners) listener();
    return artefact;
  }

  state() {
    const { size: artefacts, bytes } = this.shelf;
    const rest = { quotaBytes: 0, oldestMs: undefined, diskFull: false };
    return { nextSerial: this.#serial + 1, artefacts, bytes, ...rest };
  }

  nextToUpload(limit: number): SpooledArtefact[] {
    return [...this.shelf.inUploadOrder()].slice(0, limit);
  }

  async read(id: string): Promise<Uint8Array | undefined> {
    this.reads++;
    const entry = this.shelf.find(id);
    const veil = this.veils.get(id);
    // Found damaged: evicted.
    if (entry && !veil) this.shelf.remove(entry);
    return veil;
  }

  async markUploaded(id: string): Promise<boolean> {
    return this.#remove(id, this.uploaded);
  }

  async reject(id: string, reason: string): Promise<boolean> {
    return this.#remove(id, this.refused, `${id} ${reason}`);
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #remove(id: string, list: string[], text = id): boolean {
    const entry = this.shelf.find(id);
    if (!entry) return false;
    this.shelf.remove(entry);
    list.push(text);
    for (const listener of this.#listeners) listener();
    return true;
  }
}

/** Numbers from a seed: the same in every run. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

export function setUp(options: Partial<SendOptions> = {}) {
  const clock = new VirtualClock();
  const gate = new TestGate(clock);
  const spool = new TestSpool(clock);
  const receiver = new FakeIngest(clock);
  const next = seeded(1);
  const random = (count: number) => Uint8Array.from({ length: count }, () => 256 * next());
  const make = () =>
    new Uplink({
      spool: spool as unknown as Spool,
      gate,
      connect: receiver.connect,
      names: {
        sourceOf: ({ spooledAtMs }) => nameAt(spooledAtMs),
        sourceAt: nameAt,
        deletionHash: () => new Uint8Array(32),
      },
      options: {
        chunkBytes: 1000,
        parallel: 1,
        bandwidthBytesPerS: 0,
        stallTimeoutMs: 5_000,
        cadenceMs: 0,
        perTick: 1_000_000,
        ...options,
      },
      clock: clock as Clock,
      random,
      log: SILENT,
    });
  return { clock, gate, spool, receiver, make, uplink: make() };
}
