/**
 * A sidecar in a process of its own, to be killed: on the state and the socket in its arguments, for
 * the public key and under the policy behind them. Plain JavaScript on the build, so that it is up at
 * once.
 */
import { systemClock } from "../../dist/host/core/clock.js";
import { systemRandom } from "../../dist/host/keys/index.js";
import { parsePolicy } from "../../dist/host/policy/index.js";
import { Sidecar } from "../../dist/host/sidecar/index.js";
import { SILENT } from "../../dist/host/telemetry/log.js";

const [stateDir, socketPath, recipient, policy] = process.argv.slice(2);
await Sidecar.start({
  stateDir,
  socketPath,
  policy: parsePolicy(policy, "test.yaml"),
  recipient: Uint8Array.from(Buffer.from(recipient, "hex")),
  clients: [{ name: "lidar", role: "sensor" }],
  quotaBytes: 2 ** 28,
  maxAgeMs: 86_400_000,
  limits: { frameBytes: 2 ** 20, streams: 1, inFlight: 8, rateHz: 1_000_000 },
  releaseEveryMs: 0,
  log: SILENT,
  clock: systemClock,
  random: systemRandom,
});
process.send("listening");
