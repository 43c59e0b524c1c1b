/** A `mapveil` process of its own, and everything that it says. */
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { systemClock } from "../../core/clock.ts";
import { MapveilError } from "../../core/errors.ts";
import { packageRoot } from "../package-root.ts";

const LOOK_MS = 25;
const STOP_MS = 10_000;

export interface ChildTerms {
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Arguments of Node.js, before those of the command. */
  readonly node?: readonly string[];
}

export class Child {
  readonly #process: ChildProcess;
  readonly #ended: Promise<void>;
  #said = "";
  #isOver = false;

  constructor(argv: readonly string[], { cwd, environment, node = [] }: ChildTerms) {
    const main = join(packageRoot(), "dist/host/cli/main.js");
    const env = { PATH: process.env.PATH ?? "", ...environment };
    this.#process = spawn(process.execPath, [...node, main, ...argv], { cwd, env, stdio: "pipe" });
    for (const stream of [this.#process.stdout!, this.#process.stderr!]) {
      stream.on("data", (chunk: Buffer) => {
        this.#said += chunk.toString("utf8");
      });
    }
    this.#ended = new Promise<void>((resolve) => {
      this.#process.on("error", () => resolve());
      this.#process.on("close", () => resolve());
    }).then(() => {
      this.#isOver = true;
    });
  }

  /** What it wrote to stdout and stderr so far. */
  get said(): string {
    return this.#said;
  }

  signal(name: NodeJS.Signals): void {
    this.#process.kill(name);
  }

  /** Waits until something holds. Throws UNAVAILABLE if it ends, or takes too long. */
  async until(holds: () => Promise<boolean>, timeoutMs: number): Promise<void> {
    const endMs = systemClock.monotonicMs() + timeoutMs;
    while (!(await holds())) {
      if (this.#isOver || systemClock.monotonicMs() > endMs) {
        throw new MapveilError("UNAVAILABLE", "A service that was started does not come up.");
      }
      await systemClock.sleep(LOOK_MS);
    }
  }

  /** Waits for its end; stops it, if it does not end by itself in time. */
  async ended(timeoutMs = STOP_MS): Promise<void> {
    const timer = setTimeout(() => this.#process.kill("SIGKILL"), timeoutMs);
    await this.#ended;
    clearTimeout(timer);
  }
}
