/** What an owner's app, a command or a monitor asks of the sidecar. */
import type { MessageInitShape } from "@bufbuild/protobuf";
import {
  type CheckFeatureRequestSchema,
  type CheckFeatureResponse,
  type GrantPermissionRequestSchema,
  type GrantPermissionResponse,
  type Permission,
  type PermissionEvent,
  PermissionService,
  type WatchPermissionsResponse,
  type WithdrawPermissionRequestSchema,
  type WithdrawPermissionResponse,
} from "../gen/mapveil/v1/permission_service_pb.ts";
import { type GetStatusResponse, StatusService } from "../gen/mapveil/v1/status_service_pb.ts";
import type { Platform } from "../gen/mapveil/v1/types_pb.ts";
import { createClient, RpcError, type ServiceClient } from "../rpc/index.ts";
import { openSocket, type Socket, type SocketOptions } from "./socket.ts";

const PAGE_SIZE = 1000;

/** Failures of all calls are RpcErrors. */
export class SidecarClient {
  readonly #socket: Socket;
  readonly #permissions: ServiceClient<typeof PermissionService>;
  readonly #status: ServiceClient<typeof StatusService>;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.#permissions = createClient(PermissionService, socket.channel, socket.options);
    this.#status = createClient(StatusService, socket.channel, socket.options);
  }

  /** Reads the token; connects with the first call. Throws MapveilError IO, CONFIG. */
  static async create(options: SocketOptions): Promise<SidecarClient> {
    return new SidecarClient(await openSocket(options));
  }

  /** All permissions by name; of one platform if it is named. */
  async listPermissions(platform?: Platform): Promise<Permission[]> {
    const permissions: Permission[] = [];
    for (let pageToken = ""; ; ) {
      const page = await this.#permissions.listPermissions({
        pageSize: PAGE_SIZE,
        pageToken,
        ...(platform !== undefined && { platform }),
      });
      permissions.push(...page.permissions);
      pageToken = page.nextPageToken;
      if (pageToken === "") return permissions;
    }
  }

  /** One permission by its resource name, "permissions/robot-lidar-upload". */
  async getPermission(name: string): Promise<Permission> {
    const { permission } = await this.#permissions.getPermission({ name });
    if (permission !== undefined) return permission;
    throw new RpcError("INTERNAL", "PROTOCOL", "The sidecar answered without a permission.");
  }

  /** Grants a permission; needs the role owner or guardian. */
  grantPermission(
    request: MessageInitShape<typeof GrantPermissionRequestSchema>,
  ): Promise<GrantPermissionResponse> {
    return this.#permissions.grantPermission(request);
  }

  /** Withdraws a permission; on return nothing more of it leaves. */
  withdrawPermission(
    request: MessageInitShape<typeof WithdrawPermissionRequestSchema>,
  ): Promise<WithdrawPermissionResponse> {
    return this.#permissions.withdrawPermission(request);
  }

  /** Every permission as it is, then each one that changes, until the signal or a failure. */
  watchPermissions(signal?: AbortSignal): AsyncIterable<WatchPermissionsResponse> {
    return this.#permissions.watchPermissions({}, signal ? { signal } : {});
  }

  /** The ledger from its first entry on, with the key (32 bytes) that verifies it. */
  async *history(): AsyncGenerator<{ event: PermissionEvent; publicKey: Uint8Array }> {
    for (let pageToken = ""; ; ) {
      const page = await this.#permissions.listPermissionEvents({ pageSize: PAGE_SIZE, pageToken });
      const { publicKey } = page;
      for (const event of page.events) yield { event, publicKey };
      pageToken = page.nextPageToken;
      if (pageToken === "") return;
    }
  }

  /** Whether a feature may run now; PERMISSION_DENIED if not. */
  checkFeature(
    request: MessageInitShape<typeof CheckFeatureRequestSchema>,
  ): Promise<CheckFeatureResponse> {
    return this.#permissions.checkFeature(request);
  }

  /** How the sidecar does. */
  status(): Promise<GetStatusResponse> {
    return this.#status.getStatus({});
  }

  /** Ends the connection. */
  close(): void {
    this.#socket.channel.close();
  }
}
