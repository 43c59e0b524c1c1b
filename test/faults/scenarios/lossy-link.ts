/** Packets get lost: in a network of its own, where the kernel drops one in fifty. */
import { execFileSync, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { onStage, type Stage } from "../harness/stage.ts";
import { type Context, type Outcome, places, type Scenario } from "../scenario.ts";

const FRAMES = 200;
const POINTS = 3000;
const LOSS = 0.02;
/** Set for the process inside the network of its own. */
const INSIDE = "MAPVEIL_LOSSY";

async function lose(context: Context, { world, robot }: Stage) {
  // Only what goes to the receiver and comes from it; the robot's side is whole.
  for (const port of ["--dport", "--sport"]) {
    const match = ["-p", "tcp", port, String(world.receiverPort)];
    const chance = ["-m", "statistic", "--mode", "random", "--probability", String(LOSS)];
    execFileSync("iptables", ["-A", "INPUT", "-i", "lo", ...match, ...chance, "-j", "DROP"]);
  }
  await world.start("receiver", "sidecar");
  await world.home.grant();
  await robot.connect();
  const began = performance.now();
  await robot.pushAll(places(context, FRAMES).length, POINTS);
  await robot.disconnect();
  await world.home.drained(120_000);
  const seconds = (performance.now() - began) / 1000;
  const counters = execFileSync("iptables", ["-L", "INPUT", "-v", "-n", "-x"], {
    encoding: "utf8",
  });
  const dropped = [...counters.matchAll(/^ *(\d+) .*DROP/gm)].reduce(
    (sum, [, n]) => sum + Number(n),
    0,
  );
  return { "packets lost": dropped, seconds: seconds.toFixed(1) };
}

/** Runs this scenario again, in a network namespace that ends with it. */
function runInside({ random, sample }: Context): Outcome {
  const main = fileURLToPath(new URL("../run.ts", import.meta.url));
  const options = ["--only", "lossy-link", "--json", "--seed", String(random.between(1, 2 ** 31))];
  const limit = sample === undefined ? [] : ["--sample", String(sample)];
  const node = [process.execPath, "--import", "tsx", main, ...options, ...limit];
  const run = spawnSync(
    "unshare",
    ["--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh", ...node],
    {
      encoding: "utf8",
      env: { ...process.env, [INSIDE]: "1" },
    },
  );
  const line = run.stdout.split("\n").find((text) => text.startsWith("{"));
  if (line === undefined) return { violations: [`nothing came back: ${run.stderr}`], figures: {} };
  const { violations, figures } = JSON.parse(line) as Outcome;
  return { violations, figures };
}

export const lossyLink: Scenario = {
  name: "lossy-link",
  proves: "packets that get lost cost time and nothing else",
  needs: ["iptables", "openssl"],
  run: async (context) =>
    process.env[INSIDE] === undefined
      ? runInside(context)
      : onStage(context.random, { stallTimeout: "10s" }, (stage) => lose(context, stage)),
};
