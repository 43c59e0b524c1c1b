/** Everything that happens on the robot's side of the sidecar, but the frames. */
import { PermissionService } from "../../../host/gen/mapveil/v1/permission_service_pb.ts";
import { SensorService } from "../../../host/gen/mapveil/v1/sensor_service_pb.ts";
import {
  type GetStatusResponse,
  StatusService,
} from "../../../host/gen/mapveil/v1/status_service_pb.ts";
import { Level } from "../../../host/gen/mapveil/v1/types_pb.ts";
import {
  createClient,
  openChannel,
  type RpcChannel,
  type ServiceClient,
} from "../../../host/rpc/index.ts";
import { until } from "./until.ts";
import type { World } from "./world.ts";

export const UPLOAD = "permissions/robot-lidar-upload";
const LOCAL = "permissions/robot-lidar-local";

export class Home {
  readonly #world: World;
  #channel: RpcChannel | undefined;

  constructor(world: World) {
    this.#world = world;
  }

  /** Closes the connection: the sidecar ended. */
  forget(): void {
    this.#channel?.close();
    this.#channel = undefined;
  }

  get sensor(): ServiceClient<typeof SensorService> {
    return createClient(SensorService, this.#open(), this.#as("sensor"));
  }

  get permissions(): ServiceClient<typeof PermissionService> {
    return createClient(PermissionService, this.#open(), this.#as("owner"));
  }

  /** Rejects unless the sidecar answers. */
  async ping(): Promise<void> {
    try {
      await this.status(1000);
    } catch (error) {
      this.forget();
      throw error;
    }
  }

  status(timeoutMs = 10_000): Promise<GetStatusResponse> {
    const client = createClient(StatusService, this.#open(), this.#as("monitor"));
    return client.getStatus({}, { timeoutMs });
  }

  /** Lets frames leave. */
  async grant(): Promise<bigint> {
    const affirmativeAct = "ticked the box";
    await this.permissions.grantPermission({ name: LOCAL, affirmativeAct });
    const answer = await this.permissions.grantPermission({
      name: UPLOAD,
      level: Level.FRAMES,
      affirmativeAct,
    });
    return answer.permissionEpoch;
  }

  /** Lets frames leave again, after a withdrawal of the upload alone. */
  async grantUpload(): Promise<bigint> {
    const request = { name: UPLOAD, level: Level.FRAMES, affirmativeAct: "ticked the box again" };
    return (await this.permissions.grantPermission(request)).permissionEpoch;
  }

  withdrawUpload() {
    return this.permissions.withdrawPermission({ name: UPLOAD });
  }

  /** Resolves when nothing waits any more. */
  async drained(timeoutMs = 60_000): Promise<GetStatusResponse> {
    return until("the spool to drain", timeoutMs, async () => {
      const status = await this.status();
      return status.accounting?.spooled === 0n ? status : undefined;
    });
  }

  #open(): RpcChannel {
    this.#channel ??= openChannel({ unixPath: this.#world.socket });
    return this.#channel;
  }

  #as(client: "owner" | "sensor" | "monitor") {
    return { headers: { authorization: `Bearer ${this.#world.token(client)}` } };
  }
}
