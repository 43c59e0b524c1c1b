/** Random histories against a plain model: what was granted, what holds, and what was answered. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { PermissionAnswer, PermissionView } from "../../host/permission/index.ts";
import { DAY_MS, OWNER, reasonOf, robot, yes } from "./support.ts";

const IDS = ["robot-lidar-local", "robot-lidar-upload", "robot-logs-upload", "ios-camera-local"];
const UUIDS = [1, 2, 3, 4].map((n) => `00000000-0000-4000-8000-00000000000${n}`);
const LEVELS = ["plan", "map", "frames", "full"] as const;
const PURPOSES = ["provide", "research"] as const;

interface Change {
  kind: "grant" | "withdraw";
  id: string;
  level: (typeof LEVELS)[number];
  purpose: (typeof PURPOSES)[number];
  ttlMs: number | undefined;
  request: string | undefined;
  etag: "none" | "right" | "wrong";
  validateOnly: boolean;
}
type Step = Change | { kind: "time"; wallMs: number; monotonicMs: number } | { kind: "reopen" };

const change = fc.record({
  kind: fc.constantFrom("grant" as const, "grant" as const, "withdraw" as const),
  id: fc.constantFrom(...IDS),
  level: fc.constantFrom(...LEVELS),
  purpose: fc.constantFrom(...PURPOSES),
  ttlMs: fc.option(fc.integer({ min: 1, max: 20 * DAY_MS }), { nil: undefined }),
  request: fc.option(fc.constantFrom(...UUIDS), { nil: undefined }),
  etag: fc.constantFrom("none" as const, "none" as const, "right" as const, "wrong" as const),
  validateOnly: fc.boolean(),
});
const time = fc.record({
  kind: fc.constant("time" as const),
  wallMs: fc.integer({ min: -30 * DAY_MS, max: 30 * DAY_MS }),
  monotonicMs: fc.integer({ min: 0, max: 3 * DAY_MS }),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: change },
  { weight: 3, arbitrary: time },
  { weight: 1, arbitrary: fc.constant({ kind: "reopen" as const }) },
);

/** The plain model. */
class Model {
  epoch = 0;
  latest = 0;
  floor = 0;
  /** The grant of each permission that was not withdrawn. */
  grants = new Map<
    string,
    { level?: string; purpose: string; expire: number; deadline: number; epoch: number }
  >();
  last = new Map<string, number>();
  requests = new Map<string, { content: string; epoch: number; granted: boolean }>();

  isOver(id: string, wall: number, monotonic: number): boolean {
    const grant = this.grants.get(id);
    if (grant === undefined) return false;
    return Math.max(wall, this.latest) >= grant.expire || monotonic >= grant.deadline;
  }

  holds = (id: string, wall: number, monotonic: number) =>
    this.grants.has(id) && !this.isOver(id, wall, monotonic);

  etag(id: string, wall: number, monotonic: number): string {
    return `${this.last.get(id) ?? 0}${this.isOver(id, wall, monotonic) ? "-over" : ""}`;
  }
}

const RANK: Readonly<Record<string, number>> = { plan: 1, map: 2, frames: 3, full: 4 };

/** What a request should lead to: a reason, or the answer's epoch and whether it is granted. */
function expected(model: Model, now: Change, wall: number, monotonic: number) {
  const { kind, id, request, etag, validateOnly } = now;
  const isGrant = kind === "grant";
  const level = id === "robot-lidar-upload" ? now.level : undefined;
  const content = JSON.stringify(
    isGrant ? [kind, id, level, now.purpose, now.ttlMs ?? null] : [kind, id],
  );
  const before = request === undefined ? undefined : model.requests.get(request);
  if (before) {
    return before.content === content
      ? { epoch: before.epoch, granted: before.granted }
      : "REQUEST_ID_REUSED";
  }
  if (etag === "wrong") return "ETAG_MISMATCH";
  const latest = Math.max(wall, model.latest);
  const expire = isGrant && now.ttlMs !== undefined ? wall + now.ttlMs : Number.POSITIVE_INFINITY;
  if (expire <= latest) return "EXPIRY_PAST";
  const holds = model.holds(id, wall, monotonic);
  if (isGrant && validateOnly) return { epoch: model.epoch, granted: holds };
  const old = model.grants.get(id);
  if (!isGrant && !old) return { epoch: model.epoch, granted: false };
  model.epoch += 1;
  model.latest = Math.max(model.latest, wall);
  model.last.set(id, model.epoch);
  if (request) model.requests.set(request, { content, epoch: model.epoch, granted: isGrant });
  const isLower = old && isGrant && RANK[level ?? "full"]! < RANK[old.level ?? "full"]!;
  const ends = !isGrant || (old && (isLower || old.purpose !== now.purpose));
  if (ends && id.startsWith("robot-lidar")) model.floor = model.epoch;
  model.grants.delete(id);
  if (isGrant) {
    const deadline = monotonic + (expire - wall);
    const grant = { purpose: now.purpose, expire, deadline, epoch: model.epoch };
    model.grants.set(id, level ? { ...grant, level } : grant);
  }
  return { epoch: model.epoch, granted: isGrant };
}

describe("random histories", () => {
  test("agree with the model at every step, also over restarts and jumps of the clock", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
        const { open, clock } = await robot();
        const model = new Model();
        let permissions = await open();
        for (const now of steps) {
          const { wall, monotonic } = clock;
          if (now.kind === "time") {
            clock.wall = Math.max(0, wall + now.wallMs);
            clock.monotonic += now.monotonicMs;
          } else if (now.kind === "reopen") {
            await permissions.close();
            permissions = await open();
            for (const grant of model.grants.values()) {
              grant.deadline = monotonic + (grant.expire - wall);
            }
          } else {
            const etag = {
              none: undefined,
              right: model.etag(now.id, wall, monotonic),
              wrong: "x",
            };
            const shared = {
              permission: now.id,
              decidedBy: OWNER,
              ...(now.request && { requestId: now.request }),
              ...(now.etag !== "none" && { etag: etag[now.etag]! }),
            };
            const run = (): Promise<PermissionAnswer> =>
              now.kind === "withdraw"
                ? permissions.withdraw(shared)
                : permissions.grant({
                    ...yes(now.id),
                    ...shared,
                    ...(now.id === "robot-lidar-upload" && { level: now.level }),
                    ...(now.ttlMs !== undefined && { ttlMs: now.ttlMs }),
                    purpose: now.purpose,
                    validateOnly: now.validateOnly,
                  });
            const wanted = expected(model, now, wall, monotonic);
            if (typeof wanted === "string") {
              expect(await reasonOf(run)).toBe(wanted);
            } else {
              const { permission, epoch } = await run();
              expect({ epoch: Number(epoch), granted: permission.granted }).toEqual(wanted);
              expect(permission.id).toBe(now.id);
            }
          }
          const holds = (id: string) => model.holds(id, clock.wall, clock.monotonic);
          const views = IDS.map((id): PermissionView => permissions.get(id));
          expect(views.map(({ granted }) => granted)).toEqual(IDS.map(holds));
          expect(views.map(({ etag }) => etag)).toEqual(
            IDS.map((id) => model.etag(id, clock.wall, clock.monotonic)),
          );
          expect(Number(permissions.gate.epoch)).toBe(model.epoch);
          expect(Number(permissions.gate.epochFloor("lidar"))).toBe(model.floor);
          const granted = model.grants.get("robot-lidar-upload")?.level ?? "";
          const passes = holds("robot-lidar-local") && holds("robot-lidar-upload");
          const decision = permissions.gate.decideUpload("lidar", "full");
          expect(decision.allowed ? decision.level : "no").toBe(passes ? granted : "no");
        }
        await permissions.close();
        expect((await open()).damage).toBeUndefined();
      }),
      { numRuns: process.env.MAPVEIL_LONG === "1" ? 500 : 30, endOnFailure: false },
    );
  });
});
