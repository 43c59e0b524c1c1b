/** A robot's permissions in a folder of their own, with a clock that tests turn. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach } from "vitest";
import { RobotKeys } from "../../host/keys/index.ts";
import {
  type GrantRequest,
  PermissionError,
  Permissions,
  type PermissionsOptions,
} from "../../host/permission/index.ts";
import { SILENT } from "../../host/telemetry/log.ts";
import { seededRandom } from "../keys/support.ts";
import { TestClock } from "./test-clock.ts";

export const RECIPIENT = "00112233445566aa";
export const OTHER_RECIPIENT = "ffeeddccbbaa9988";
export const OWNER = { role: "owner", client: "app" } as const;
export const DAY_MS = 86_400_000;

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "permission-"));
  closers.push(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export interface Robot {
  readonly stateDir: string;
  readonly clock: TestClock;
  /** Opens the permissions again or for the first time; closed after the test. */
  open(options?: Partial<PermissionsOptions>): Promise<Permissions>;
  readonly keys: RobotKeys;
}

export async function robot(stateDir?: string): Promise<Robot> {
  const folder = stateDir ?? (await temporaryFolder());
  const clock = new TestClock();
  const keys = await RobotKeys.load(folder, seededRandom("robot"));
  const base = { stateDir: folder, keys, recipient: RECIPIENT, clock, log: SILENT };
  return {
    stateDir: folder,
    clock,
    keys,
    async open(options = {}) {
      const permissions = await Permissions.open({ ...base, ...options });
      closers.push(() => permissions.close());
      return permissions;
    },
  };
}

/** A grant with whatever the permission asks for. */
export function yes(permission: string, more: Partial<GrantRequest> = {}): GrantRequest {
  const hasLevel = /^robot-(lidar|house_plan|running_path)-upload$/.test(permission);
  const level = hasLevel ? { level: "frames" as const } : {};
  return { permission, affirmativeAct: "ticked the box", decidedBy: OWNER, ...level, ...more };
}

export const no = (permission: string, more: object = {}) => ({
  permission,
  decidedBy: OWNER,
  ...more,
});

/** The reason of the PermissionError that `run` rejects with. */
export async function reasonOf(run: () => unknown): Promise<string> {
  try {
    await run();
  } catch (error) {
    if (error instanceof PermissionError) return error.reason;
    throw error;
  }
  return "nothing was thrown";
}

/** Lets frames of lidar pass. */
export async function allowLidar(permissions: Permissions, more: Partial<GrantRequest> = {}) {
  await permissions.grant(yes("robot-lidar-local"));
  await permissions.grant(yes("robot-lidar-upload", more));
}
