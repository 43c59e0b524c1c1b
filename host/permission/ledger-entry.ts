/** What an entry of the ledger says, and the JSON text that is signed. */
import { z } from "zod";
import { LEVELS } from "../policy/fields.ts";
import { CATALOGUE, type CataloguedPermission } from "./catalogue.ts";
import {
  ACT_LENGTH_MAX,
  CLIENT_LENGTH_MAX,
  isCleanText,
  POLICY_VERSION_LENGTH_MAX,
  parseTime,
  RECIPIENT_ID,
  REQUEST_ID,
} from "./texts.ts";
import { DECIDERS, type PermissionId, PURPOSES } from "./vocabulary.ts";

const clean = (lengthMax: number) => z.string().refine((text) => isCleanText(text, lengthMax));
const time = z.string().refine((text) => parseTime(text) !== undefined);

const SHARED = {
  /** Number of the entry, from 1. */
  epoch: z.int().min(1),
  permission: z.string().refine((id): id is PermissionId => CATALOGUE.has(id)),
  decided_by: z.strictObject({ role: z.enum(DECIDERS), client: clean(CLIENT_LENGTH_MAX) }),
  /** The robot's wall clock, RFC 3339 in UTC; may be behind that of the entry before. */
  time,
  request_id: z.string().regex(REQUEST_ID).optional(),
};

const GRANT = z.strictObject({
  ...SHARED,
  action: z.literal("grant"),
  level: z.enum(LEVELS).exclude(["nothing"]).optional(),
  purpose: z.enum(PURPOSES),
  /** Of uploads only: id of the key that they are sealed for. */
  recipient: z.string().regex(RECIPIENT_ID).optional(),
  policy_version: clean(POLICY_VERSION_LENGTH_MAX).optional(),
  /** Of the policy file that was in force, hexadecimal. */
  policy_digest: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
  affirmative_act: clean(ACT_LENGTH_MAX),
  expire_time: time.optional(),
});

const WITHDRAWAL = z.strictObject({
  ...SHARED,
  action: z.literal("withdraw"),
  affirmative_act: clean(ACT_LENGTH_MAX).optional(),
});

/** What only the catalogue knows: levels and recipients belong to some permissions. */
function fitsCatalogue(entry: GrantEntry): boolean {
  const permission = CATALOGUE.get(entry.permission) as CataloguedPermission;
  const hasLevel = entry.level !== undefined;
  const hasRecipient = entry.recipient !== undefined;
  return hasLevel === permission.hasLevel && hasRecipient === (permission.use === "upload");
}

const ENTRY = z.discriminatedUnion("action", [GRANT.refine(fitsCatalogue), WITHDRAWAL]);

export type GrantEntry = z.infer<typeof GRANT>;
export type WithdrawalEntry = z.infer<typeof WITHDRAWAL>;
export type LedgerEntry = GrantEntry | WithdrawalEntry;
/** An entry that has no number yet. */
export type NewEntry = Omit<GrantEntry, "epoch"> | Omit<WithdrawalEntry, "epoch">;

/** Reads the text of entry `epoch`, or says in a few words what is wrong with it. */
export function parseEntry(text: string, epoch: number): LedgerEntry | string {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return "is no JSON";
  }
  const parsed = ENTRY.safeParse(json);
  if (!parsed.success) {
    const place = parsed.error.issues[0]?.path.join(".") ?? "";
    return `says something unknown${place === "" ? "" : ` at ${place}`}`;
  }
  return parsed.data.epoch === epoch ? parsed.data : "has the number of another";
}
