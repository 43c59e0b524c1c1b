/** Errors as google.rpc.Status, the form in which they travel: in trailers and inside of messages. */
import { create, type DescMessage, type MessageShape } from "@bufbuild/protobuf";
import { type Any, anyPack, anyUnpack, type Duration } from "@bufbuild/protobuf/wkt";
import {
  BadRequestSchema,
  ErrorInfoSchema,
  LocalizedMessageSchema,
  PreconditionFailureSchema,
  RetryInfoSchema,
} from "../gen/google/rpc/error_details_pb.ts";
import { type Status, StatusSchema } from "../gen/google/rpc/status_pb.ts";
import {
  type FieldViolation,
  type Language,
  RPC_CODES,
  type RpcCode,
  RpcError,
} from "./rpc-error.ts";

/** Who names the reasons. */
const DOMAIN = "mapveil";

/** What clients expect as names of the languages. */
const LOCALES: Readonly<Record<Language, string>> = { en: "en-US", zh: "zh-CN" };

/** Trailers are headers, of which clients take 16 KiB: texts are cut until the details fit. */
const DETAILS_BYTES_MAX = 6 * 1024;
const TEXT_CHARACTERS = [512, 128, 32, 8] as const;
const ENTRIES_MAX = 16;

/** Text that every header takes: no halves of characters, and of bounded length. */
function clean(text: string, charactersMax: number): string {
  const cut = text.length > charactersMax ? `${text.slice(0, charactersMax)}…` : text;
  return Buffer.from(cut, "utf8").toString("utf8");
}

/** Entries with all of their texts cleaned. */
function cleanAll<T extends Readonly<Record<string, string>>>(
  entries: readonly T[],
  charactersMax: number,
): T[] {
  return entries.slice(0, ENTRIES_MAX).map((entry) => {
    const texts = Object.entries(entry).map(([key, text]) => [key, clean(text, charactersMax)]);
    return Object.fromEntries(texts) as T;
  });
}

function toDuration(ms: number): { seconds: bigint; nanos: number } {
  const whole = Math.max(0, Math.ceil(ms));
  return { seconds: BigInt(Math.floor(whole / 1000)), nanos: (whole % 1000) * 1_000_000 };
}

const toMs = ({ seconds, nanos }: Duration) => Number(seconds) * 1000 + nanos / 1_000_000;

/** INVALID_ARGUMENT always says which field, if only that it is the request as a whole. */
function violationsOf(error: RpcError): readonly FieldViolation[] {
  if (error.code !== "INVALID_ARGUMENT" || error.fieldViolations.length > 0) {
    return error.fieldViolations;
  }
  return [{ field: "", description: error.message }];
}

function detailsOf(error: RpcError, language: Language, charactersMax: number): Any[] {
  const entries = Object.entries(error.metadata).slice(0, ENTRIES_MAX);
  const metadata = Object.fromEntries(
    entries.map(([key, value]) => [key, clean(value, charactersMax)]),
  );
  const info = create(ErrorInfoSchema, { reason: error.reason, domain: DOMAIN, metadata });
  const details = [anyPack(ErrorInfoSchema, info)];
  const fieldViolations = cleanAll(violationsOf(error), charactersMax);
  if (fieldViolations.length > 0) {
    details.push(anyPack(BadRequestSchema, create(BadRequestSchema, { fieldViolations })));
  }
  if (error.retryDelayMs !== undefined) {
    const retryDelay = toDuration(error.retryDelayMs);
    details.push(anyPack(RetryInfoSchema, create(RetryInfoSchema, { retryDelay })));
  }
  const violations = cleanAll(error.preconditions, charactersMax);
  if (violations.length > 0) {
    const failure = create(PreconditionFailureSchema, { violations });
    details.push(anyPack(PreconditionFailureSchema, failure));
  }
  const known = error.localized[language] === undefined ? "en" : language;
  const text = error.localized[known];
  if (text !== undefined) {
    const message = clean(text, charactersMax);
    const localized = create(LocalizedMessageSchema, { locale: LOCALES[known], message });
    details.push(anyPack(LocalizedMessageSchema, localized));
  }
  return details;
}

/**
 * The error as google.rpc.Status: ErrorInfo exactly once, and each other detail at most once. Long
 * texts are cut so that it fits into a trailer.
 */
export function toStatus(error: RpcError, language: Language): Status {
  let details: Any[] = [];
  for (const charactersMax of TEXT_CHARACTERS) {
    details = detailsOf(error, language, charactersMax);
    const bytes = details.reduce((sum, { value }) => sum + value.length, 0);
    if (bytes <= DETAILS_BYTES_MAX) break;
  }
  const message = clean(error.message, TEXT_CHARACTERS[0]);
  return create(StatusSchema, { code: RPC_CODES[error.code], message, details });
}

/** Name of a code; UNKNOWN for what is none. */
export function codeOf(number: number): RpcCode {
  const found = Object.entries(RPC_CODES).find(([, value]) => value === number);
  return found ? (found[0] as RpcCode) : "UNKNOWN";
}

const languageOf = (locale: string): Language => (/^zh\b/i.test(locale) ? "zh" : "en");

/** The first detail of a kind; undefined if there is none, or none that can be read. */
function find<D extends DescMessage>(
  details: readonly Any[],
  schema: D,
): MessageShape<D> | undefined {
  for (const any of details) {
    try {
      const message = anyUnpack(any, schema);
      if (message) return message;
    } catch {
      // Bytes of somebody else: a detail that cannot be read says nothing.
    }
  }
  return undefined;
}

/** The error that a google.rpc.Status tells. Without ErrorInfo the reason is the code's name. */
export function fromStatus(status: Status): RpcError {
  const { details } = status;
  const code = codeOf(status.code);
  const info = find(details, ErrorInfoSchema);
  const retryDelay = find(details, RetryInfoSchema)?.retryDelay;
  const localized = find(details, LocalizedMessageSchema);
  const violations = find(details, BadRequestSchema)?.fieldViolations ?? [];
  const preconditions = find(details, PreconditionFailureSchema)?.violations ?? [];
  return new RpcError(code, info?.reason || code, status.message, {
    metadata: info?.metadata ?? {},
    fieldViolations: violations.map(({ field, description }) => ({ field, description })),
    ...(retryDelay ? { retryDelayMs: toMs(retryDelay) } : {}),
    localized: localized ? { [languageOf(localized.locale)]: localized.message } : {},
    preconditions: preconditions.map(({ type, subject, description }) => ({
      type,
      subject,
      description,
    })),
  });
}
