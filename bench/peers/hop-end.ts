/**
 * Run in a process of its own by hop.ts, as the one or the other end of a way over the hop: answers
 * the commands that come from there.
 */
import { createHash } from "node:crypto";
import type { Frame } from "../../host/core/frame.ts";
import { grpcJsStream, grpcJsUnary } from "./hop-grpc-js.ts";
import { ours } from "./hop-ours.ts";
import { socket } from "./hop-socket.ts";
import { type HopWay, hopFrames, IN_FLIGHT, type Push } from "./hop-way.ts";

const WAYS = { ours, grpcJsStream, grpcJsUnary, socket } satisfies Record<string, HopWay>;

export type Command =
  | { readonly kind: "push"; readonly frames: number }
  /** From now on the digests of frames are kept, or no longer. */
  | { readonly kind: "verify"; readonly on: boolean }
  | { readonly kind: "read" };

export interface Answer {
  /** Milliseconds of processor time, of all threads of the process, since it began. */
  readonly cpuMs: number;
  /** Milliseconds that a push took. */
  readonly wallMs: number;
  /** Frames that were given or taken since the process began. */
  readonly frames: number;
  readonly digests: readonly string[];
}

const [role, name, path] = process.argv.slice(2) as [string, keyof typeof WAYS, string];
const way = WAYS[name];
const frames = hopFrames();
const digests: string[] = [];
let verifying = false;
let count = 0;
let push: Push | undefined;

function digestOf({ data, stampNs, metadata, count: points }: Frame): string {
  const digest = createHash("sha256").update(data);
  // A plain socket carries nothing but the points.
  if (name === "socket") return digest.digest("hex");
  const rest = metadata.map((field) => `${field.name}=${field.value}`);
  return digest.update(`${points} ${stampNs} ${rest}`).digest("hex");
}

function take(frame: Frame): void {
  count++;
  if (verifying) digests.push(digestOf(frame));
}

/** Pushes frames in turn, as many at a time as may wait for their receipts. */
async function pushAll(total: number): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < total) {
      const frame = frames[next++ % frames.length]!;
      if (verifying) take(frame);
      await push!(frame);
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
}

process.on("message", async (command: Command) => {
  const startMs = performance.now();
  if (command.kind === "verify") verifying = command.on;
  if (command.kind === "push") await pushAll(command.frames);
  const wallMs = performance.now() - startMs;
  const { user, system } = process.cpuUsage();
  const answer: Answer = {
    cpuMs: (user + system) / 1000,
    wallMs,
    frames: count,
    digests: digests.splice(0),
  };
  process.send!(answer);
});

if (role === "server") await way.serve(path, take);
else push = await way.connect(path);
process.send!("ready");
process.on("disconnect", () => process.exit());
