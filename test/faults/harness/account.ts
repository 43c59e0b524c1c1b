/** The audit: what the robot was told, what the sidecar says, and what the receiver holds must agree. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Accounting, ReasonCount } from "../../../host/gen/mapveil/v1/status_service_pb.ts";
import { Reason } from "../../../host/gen/mapveil/v1/types_pb.ts";
import { formatKey } from "../../../host/index.ts";
import { CANARY } from "./frames.ts";
import type { Book } from "./robot.ts";
import type { World } from "./world.ts";

/** Why an artefact that was accepted may still never arrive. */
const LATE_REFUSALS = [Reason.WITHDRAWN, Reason.STALE_EPOCH, Reason.RECEIVER_REFUSED];

const sum = (counts: readonly ReasonCount[]) =>
  counts.reduce((total, { count }) => total + Number(count), 0);

/** Collects what is wrong instead of stopping at the first. */
export class Audit {
  readonly violations: string[] = [];
  readonly #opened = new Set<string>();
  readonly #world: World;
  readonly #book: Book;

  constructor(world: World, book: Book) {
    this.#world = world;
    this.#book = book;
  }

  check(holds: boolean, violation: () => string): void {
    if (!holds) this.violations.push(violation());
  }

  /** The sidecar's accounts are exact, and the robot's own count agrees. */
  async accounts(): Promise<Accounting> {
    const { accounting } = await this.#world.home.status();
    if (accounting === undefined) throw new Error("the status has no accounting");
    const { captured, uploaded, spooled, mapped } = accounting;
    const [refused, evicted] = [sum(accounting.refused), sum(accounting.evicted)];
    const total = Number(uploaded + spooled + mapped) + refused + evicted;
    this.check(
      Number(captured) === total,
      () =>
        `captured ${captured} is not uploaded ${uploaded} + spooled ${spooled} + refused ${refused} + evicted ${evicted} + mapped ${mapped}`,
    );
    const { answered, unanswered } = this.#book;
    this.check(
      Number(captured) >= answered && Number(captured) <= answered + unanswered,
      () => `captured ${captured}, but ${answered} receipts and ${unanswered} frames without`,
    );
    for (const [name, count] of this.#book.turnedAway) {
      const reason = Reason[name as keyof typeof Reason];
      const counted = Number(accounting.refused.find((one) => one.reason === reason)?.count ?? 0n);
      this.check(counted >= count, () => `${count} receipts say ${name}, ${counted} are counted`);
    }
    return accounting;
  }

  /**
   * After everything was uploaded: each accepted artefact is at the receiver once and whole, opens
   * with the recipient's key, and holds what the receipt promised. Returns how many are stored.
   */
  async stored(): Promise<number> {
    await this.#world.home.drained();
    const accounting = await this.accounts();
    const artefacts = await this.#world.consumer.list();
    const ids = new Set(artefacts.map(({ name }) => name.split("/").at(-1)!));
    this.check(ids.size === artefacts.length, () => "an artefact is stored twice");
    const { accepted, unanswered } = this.#book;
    const late = sum(accounting.refused.filter(({ reason }) => LATE_REFUSALS.includes(reason)));
    const gone = late + sum(accounting.evicted);
    const missing = [...accepted.keys()].filter((id) => !ids.has(id));
    this.check(
      missing.length <= gone,
      () => `${missing.length} accepted artefacts are lost, ${gone} were withdrawn or evicted`,
    );
    const unknown = [...ids].filter((id) => !accepted.has(id)).length;
    this.check(unknown <= unanswered, () => `${unknown} artefacts are stored that nobody sent`);
    const uploaded = Number(accounting.uploaded);
    this.check(
      uploaded <= ids.size && ids.size <= uploaded + late,
      () => `${uploaded} count as uploaded, ${ids.size} are stored`,
    );
    for (const artefact of artefacts) await this.#open(artefact);
    return ids.size;
  }

  /** No file of the sidecar, of the receiver or of their logs holds plaintext or a secret. */
  secrets(): void {
    const { folder, stateDir, dataDir, keyPair } = this.#world;
    const secret = formatKey("secret", keyPair.secretKey);
    const forbidden = [CANARY, secret, Buffer.from(keyPair.secretKey).toString("latin1")];
    const tokens = (["owner", "sensor", "monitor"] as const).map((name) => this.#world.token(name));
    for (const path of filesBelow([stateDir, dataDir, folder])) {
      const text = readFileSync(path, "latin1");
      for (const one of path.endsWith(".log") ? [...forbidden, ...tokens] : forbidden) {
        this.check(!text.includes(one), () => `${path} holds plaintext or a secret`);
      }
    }
  }

  /** The robot's complaints about receipts. */
  receipts(): void {
    this.violations.push(...this.#book.faults.splice(0));
  }

  async #open(artefact: Awaited<ReturnType<World["consumer"]["list"]>>[number]): Promise<void> {
    const id = artefact.name.split("/").at(-1)!;
    if (this.#opened.has(id)) return;
    this.#opened.add(id);
    const promised = this.#book.accepted.get(id);
    try {
      const { bytes, voxels } = await this.#world.consumer.open(artefact);
      if (promised === undefined) return;
      this.check(
        voxels === promised.voxels,
        () => `${id} has ${voxels} voxels, not ${promised.voxels}`,
      );
      this.check(
        BigInt(bytes.length) === promised.sealedBytes,
        () => `${id} is not as long as promised`,
      );
    } catch (error) {
      this.violations.push(`${id} cannot be opened: ${(error as Error).message}`);
    }
  }
}

function filesBelow(folders: readonly string[]): Set<string> {
  const files = folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name)),
  );
  return new Set(files);
}
