/** PermissionService: what the owner allows, asked and changed over the robot's socket. */
import type {
  CheckFeatureRequest,
  GrantPermissionRequest,
  ListPermissionEventsRequest,
  ListPermissionsRequest,
  PermissionService,
  WithdrawPermissionRequest,
} from "../gen/mapveil/v1/permission_service_pb.ts";
import type { Permissions } from "../permission/index.ts";
import { type CallContext, invalidField, type ServiceHandlers } from "../rpc/index.ts";
import { pageLimit, pageStart, pageToken } from "./page-token.ts";
import { toPermissionRpcError } from "./permission-error.ts";
import {
  permissionIdOf,
  platformOf,
  readGrant,
  readWithdrawal,
  toPermission,
} from "./permission-message.ts";
import { watchPermissions } from "./permission-watch.ts";
import { refusalError } from "./refusal-error.ts";
import type { Withdrawals } from "./withdrawal.ts";

/** Requests that get the same counts when they are repeated. */
const REMEMBERED_MAX = 256;

/** What `act` gives; PermissionErrors become RpcErrors. */
async function asked<T>(act: () => T | Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw toPermissionRpcError(error);
  }
}

export class PermissionCalls {
  readonly #permissions: Permissions;
  readonly #withdrawals: Withdrawals;
  /** Of the withdrawals that requests led to, by request id. */
  readonly #epochs = new Map<string, bigint>();

  constructor(permissions: Permissions, withdrawals: Withdrawals) {
    this.#permissions = permissions;
    this.#withdrawals = withdrawals;
  }

  readonly handlers: ServiceHandlers<typeof PermissionService> = {
    listPermissions: (request, call) => asked(() => this.#list(request, call)),
    getPermission: ({ name }, { language }) =>
      asked(() => ({
        permission: toPermission(this.#permissions.get(permissionIdOf(name)), language),
      })),
    grantPermission: (request, call) => asked(() => this.#grant(request, call)),
    withdrawPermission: (request, call) => asked(() => this.#withdraw(request, call)),
    watchPermissions: (_, call) => this.#watch(call),
    listPermissionEvents: (request) => asked(() => this.#listEvents(request)),
    checkFeature: (request, call) => asked(() => this.#checkFeature(request, call)),
  };

  #list(request: ListPermissionsRequest, { language }: CallContext) {
    const limit = pageLimit(request.pageSize);
    const platform = platformOf(request.platform);
    const name = `permissions of ${platform ?? "all"}`;
    const start = pageStart(name, request.pageToken) ?? "";
    const behind = this.#permissions.list(platform).filter(({ id }) => id > start);
    const page = behind.slice(0, limit);
    const last = page.at(-1);
    return {
      permissions: page.map((view) => toPermission(view, language)),
      nextPageToken: last && behind.length > limit ? pageToken(name, last.id) : "",
      permissionEpoch: this.#permissions.gate.epoch,
    };
  }

  async #grant(request: GrantPermissionRequest, call: CallContext) {
    const grant = readGrant(request, call);
    const { gate } = this.#permissions;
    const { permission, epoch } = await this.#permissions.grant(grant);
    // A lower level than before is a withdrawal of the rest.
    if (!grant.validateOnly && gate.epochFloor(permission.dataClass) === epoch) {
      await this.#withdrawals.of(permission.dataClass, epoch);
    }
    return { permission: toPermission(permission, call.language), permissionEpoch: epoch };
  }

  async #withdraw(request: WithdrawPermissionRequest, call: CallContext) {
    const withdrawal = readWithdrawal(request, call);
    const { gate } = this.#permissions;
    const before = gate.epoch;
    // Recorded before its first pause, if there is anything to withdraw.
    const withdrawing = this.#permissions.withdraw(withdrawal);
    const isNew = gate.epoch > before;
    const id = request.requestId.toLowerCase();
    if (isNew && id !== "") this.#remember(id, gate.epoch);
    const { permission, epoch } = await withdrawing;
    const { dataClass } = permission;
    const destroyed =
      isNew || this.#epochs.get(id) === epoch
        ? await this.#withdrawals.of(dataClass, epoch)
        : await this.#withdrawals.again(dataClass);
    return {
      permission: toPermission(permission, call.language),
      permissionEpoch: epoch,
      destroyedArtefacts: BigInt(destroyed.artefacts),
      destroyedBytes: BigInt(destroyed.bytes),
    };
  }

  #remember(requestId: string, epoch: bigint): void {
    const [oldest] = this.#epochs.keys();
    if (oldest !== undefined && this.#epochs.size >= REMEMBERED_MAX) this.#epochs.delete(oldest);
    this.#epochs.set(requestId, epoch);
  }

  async *#watch({ signal, language }: CallContext) {
    for await (const { permission, epoch } of watchPermissions(this.#permissions, signal)) {
      yield { permission: toPermission(permission, language), permissionEpoch: epoch };
    }
  }

  #listEvents({ pageSize, pageToken: token }: ListPermissionEventsRequest) {
    const limit = pageLimit(pageSize);
    const start = pageStart("permission events", token) ?? "0";
    if (!/^\d{1,19}$/.test(start))
      throw invalidField("page_token", "is not of a page of this list");
    const behind = this.#permissions.events(BigInt(start), limit + 1);
    const events = behind.slice(0, limit);
    const last = events.at(-1);
    return {
      events: events.map((event) => ({ ...event })),
      nextPageToken:
        last && behind.length > limit ? pageToken("permission events", String(last.epoch)) : "",
      publicKey: this.#permissions.publicKey,
    };
  }

  #checkFeature({ platform: value, feature }: CheckFeatureRequest, { language }: CallContext) {
    const platform = platformOf(value);
    if (platform === undefined) throw invalidField("platform", "must be set");
    const check = this.#permissions.checkFeature(platform, feature);
    if (!check.allowed) throw refusalError(check.refusal, language);
    return {
      degraded: check.degraded,
      fallback: check.fallback?.[language] ?? "",
      fallbackValue: check.fallbackValue ?? "",
      permissionEpoch: check.epoch,
    };
  }
}
