/** A process that changes permissions until it is killed: node writer.ts <stateDir> <changes>. */
import { writeSync } from "node:fs";
import { systemClock } from "../../host/core/clock.ts";
import { RobotKeys, systemRandom } from "../../host/keys/index.ts";
import { Permissions } from "../../host/permission/index.ts";
import { SILENT } from "../../host/telemetry/log.ts";

const [stateDir, count] = process.argv.slice(2) as [string, string];
const permission = "robot-logs-local";
const decidedBy = { role: "owner", client: "writer" } as const;

const keys = await RobotKeys.load(stateDir, systemRandom);
const permissions = await Permissions.open({
  stateDir,
  keys,
  recipient: "00112233445566aa",
  clock: systemClock,
  log: SILENT,
});
if (permissions.damage) throw new Error(permissions.damage.reason);
for (let i = 0; i < Number(count); i++) {
  const isOff = !permissions.get(permission).granted;
  const { epoch } = isOff
    ? await permissions.grant({ permission, affirmativeAct: "test", decidedBy })
    : await permissions.withdraw({ permission, decidedBy });
  writeSync(1, `${epoch}\n`);
}
await permissions.close();
