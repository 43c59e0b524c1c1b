/** The records of the local store's index. They are JSON, and what is read is checked. */
import { z } from "zod";
import { MapveilError } from "../core/errors.ts";
import { DataClass } from "../gen/mapveil/v1/types_pb.ts";
import type { ArtefactKey, Floor, StoredArtefact, WriteOrigin } from "./store.ts";

const count = z.number().int().nonnegative();
const epoch = z
  .string()
  .regex(/^\d{1,20}$/)
  .transform(BigInt);
const dataClass = z.enum(DataClass);
const hex = (digits: number) => z.string().regex(new RegExp(`^[0-9a-f]{${digits}}$`));
const deletionHash = hex(64).or(z.literal("")).default("");

const unfinishedSchema = z.strictObject({
  state: z.literal("unfinished"),
  client: z.string(),
  source: hex(32),
  dataClass,
  epoch,
  deletionHash,
  /** Milliseconds without progress while a store was open, as far as noted. */
  idleMs: z.number().nonnegative(),
});

const storedSchema = z.strictObject({
  state: z.literal("stored"),
  source: hex(32),
  dataClass,
  epoch,
  sizeBytes: count,
  digest: hex(64),
  deletionHash,
  storedAtMs: count,
  order: count,
});

const recordSchema = z.discriminatedUnion("state", [
  unfinishedSchema,
  storedSchema,
  z.strictObject({ state: z.literal("deleted") }),
]);

const floorSchema = z.strictObject({ epoch, raisedAtMs: count });

const totalsSchema = z.strictObject({
  /** Artefacts ever stored; the order of the newest. */
  stored: count,
  kept: count,
  keptBytes: count,
  deleted: count,
  lost: count,
  /** Floors that there are. */
  floors: count.default(0),
});

/** What the index knows of an artefact. */
export type IndexRecord =
  | ({ readonly state: "unfinished"; readonly idleMs: number } & WriteOrigin)
  | { readonly state: "stored"; readonly artefact: StoredArtefact }
  | { readonly state: "deleted" };

/** Sums over a recipient's artefacts: stored = kept + deleted + lost. */
export type Totals = Readonly<z.infer<typeof totalsSchema>>;

export const NO_TOTALS: Totals = {
  stored: 0,
  kept: 0,
  keptBytes: 0,
  deleted: 0,
  lost: 0,
  floors: 0,
};

/** "{recipient}/{artefact}", the key of a record. */
export const idOf = ({ recipient, artefact }: ArtefactKey): string => `${recipient}/${artefact}`;

/** The key that `idOf` made an id of. */
export function keyOf(id: string): ArtefactKey {
  const [recipient = "", artefact = ""] = id.split("/");
  return { recipient, artefact };
}

export function encodeRecord(record: IndexRecord): unknown {
  if (record.state === "deleted") return record;
  if (record.state === "unfinished") return { ...record, epoch: String(record.epoch) };
  const { recipient: _, artefact: __, epoch, digest, ...rest } = record.artefact;
  const digestText = Buffer.from(digest).toString("hex");
  return { state: "stored", ...rest, epoch: String(epoch), digest: digestText };
}

/** Throws INTEGRITY for anything that `encodeRecord` does not make. */
export function decodeRecord(id: string, value: unknown): IndexRecord {
  const record = checked(recordSchema, value);
  if (record.state !== "stored") return record;
  const { state, digest, ...rest } = record;
  const artefact = { ...keyOf(id), ...rest, digest: new Uint8Array(Buffer.from(digest, "hex")) };
  return { state, artefact };
}

export const encodeFloor = ({ epoch, raisedAtMs }: Floor): unknown => ({
  epoch: String(epoch),
  raisedAtMs,
});

/** Throws INTEGRITY for anything that `encodeFloor` does not make. */
export const decodeFloor = (value: unknown): Floor => checked(floorSchema, value);

/** Throws INTEGRITY for anything but totals. */
export const decodeTotals = (value: unknown): Totals => checked(totalsSchema, value);

function checked<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const message =
    "The receiver's index has a record that no receiver of this version wrote: it is damaged, or " +
    "another version's. Restore the folder from a backup, or begin with an empty one.";
  throw new MapveilError("INTEGRITY", message, {}, result.error);
}
