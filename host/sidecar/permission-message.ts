/** Permissions between the words of this host and those of the wire. */
import type { MessageInitShape } from "@bufbuild/protobuf";
import { type Duration, type Timestamp, timestampFromMs } from "@bufbuild/protobuf/wkt";
import type {
  GrantPermissionRequest,
  PermissionSchema,
  WithdrawPermissionRequest,
} from "../gen/mapveil/v1/permission_service_pb.ts";
import * as types from "../gen/mapveil/v1/types_pb.ts";
import type {
  Decider,
  GrantRequest,
  Language,
  PermissionView,
  Platform,
  Purpose,
  WithdrawRequest,
} from "../permission/index.ts";
import type { Level } from "../policy/index.ts";
import type { CallContext } from "../rpc/index.ts";
import { invalidField, notFound, permissionDenied } from "../rpc/index.ts";

const PREFIX = "permissions/";
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

type Names<E> = Extract<keyof E, string>;

/** The number of a name: enums of the wire are named as here, in upper case. */
function wireValue<E extends Record<string, string | number>>(values: E, name: string): number {
  return values[name.toUpperCase() as Names<E>] as number;
}

/** The name of a number; undefined if it was left out. Throws INVALID_ARGUMENT for what is none. */
function nameOf<T extends string>(
  values: Readonly<Record<number, string>>,
  value: number,
  field: string,
): T | undefined {
  if (value === 0) return undefined;
  const name = values[value];
  if (name === undefined) throw invalidField(field, "is not one of its values");
  return name.toLowerCase() as T;
}

/** The platform of a request; undefined if it was left out. Throws RpcError INVALID_ARGUMENT. */
export function platformOf(value: types.Platform): Platform | undefined {
  return nameOf<Platform>(types.Platform, value, "platform");
}

/** A permission as the wire has it, with texts in one language. */
export function toPermission(
  view: PermissionView,
  language: Language,
): MessageInitShape<typeof PermissionSchema> {
  const { updateTimeMs, expireTimeMs, level, purpose } = view;
  return {
    name: `${PREFIX}${view.id}`,
    platform: wireValue(types.Platform, view.platform),
    dataClass: wireValue(types.DataClass, view.dataClass),
    use: wireValue(types.Use, view.use),
    granted: view.granted,
    ...(level && { level: wireValue(types.Level, level) }),
    ...(purpose && { purpose: wireValue(types.Purpose, purpose) }),
    recipient: view.recipient ?? "",
    ...(updateTimeMs !== undefined && { updateTime: timestampFromMs(updateTimeMs) }),
    ...(expireTimeMs !== undefined && { expireTime: timestampFromMs(expireTimeMs) }),
    etag: view.etag,
    features: view.features.map(({ id, title, blocked }) => ({
      id,
      title: title[language],
      blocked,
    })),
    consequence: view.consequence[language],
    unaffected: view.unaffected[language],
    fallback: view.fallback?.[language] ?? "",
  };
}

/** The id in a resource name. Throws RpcError NOT_FOUND for what cannot be one. */
export function permissionIdOf(name: string): string {
  if (name.startsWith(PREFIX)) return name.slice(PREFIX.length);
  throw notFound("PERMISSION_UNKNOWN", "permission of this name");
}

/** Who decides; the authoriser lets nobody else come here. */
function deciderOf({ client }: CallContext): { role: Decider; client: string } {
  const role = client.roles.find(
    (name): name is Decider => name === "owner" || name === "guardian",
  );
  if (role === undefined) throw permissionDenied("ROLE_MISSING", "Only owner and guardian decide.");
  return { role, client: client.name };
}

/** Request id and etag, as both requests have them. */
function conditions({ requestId, etag }: { requestId: string; etag: string }) {
  if (requestId !== "" && !UUID.test(requestId)) throw invalidField("request_id", "must be a UUID");
  return { ...(requestId && { requestId }), ...(etag && { etag }) };
}

/** Milliseconds; outside of what a Duration or Timestamp may be is INVALID_ARGUMENT. */
function millis({ seconds, nanos }: Timestamp | Duration, field: string): number {
  const ms = Number(seconds) * 1000 + nanos / 1e6;
  if (Math.abs(ms) > 8.64e15 || nanos < 0) throw invalidField(field, "is out of range");
  return ms;
}

function expiryOf({ expiration }: GrantPermissionRequest) {
  if (expiration.case === "expireTime") {
    return { expireTimeMs: millis(expiration.value, "expire_time") };
  }
  return expiration.case === "ttl" ? { ttlMs: millis(expiration.value, "ttl") } : {};
}

/** Throws RpcError INVALID_ARGUMENT, NOT_FOUND. */
export function readGrant(request: GrantPermissionRequest, call: CallContext): GrantRequest {
  const level = nameOf<Level>(types.Level, request.level, "level");
  const purpose = nameOf<Purpose>(types.Purpose, request.purpose, "purpose");
  const { recipient, policyVersion, affirmativeAct, validateOnly } = request;
  return {
    permission: permissionIdOf(request.name),
    ...(level && { level }),
    ...(purpose && { purpose }),
    ...(recipient && { recipient }),
    affirmativeAct,
    ...(policyVersion && { policyVersion }),
    ...expiryOf(request),
    ...conditions(request),
    validateOnly,
    decidedBy: deciderOf(call),
  };
}

/** Throws RpcError INVALID_ARGUMENT, NOT_FOUND. */
export function readWithdrawal(
  request: WithdrawPermissionRequest,
  call: CallContext,
): WithdrawRequest {
  const { affirmativeAct } = request;
  return {
    permission: permissionIdOf(request.name),
    ...(affirmativeAct && { affirmativeAct }),
    ...conditions(request),
    decidedBy: deciderOf(call),
  };
}
