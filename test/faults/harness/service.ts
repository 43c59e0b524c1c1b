/** A process under test: started as a user starts it, killed as the world kills it. */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** How a process is started, where it is not just started. */
export interface Wrap {
  /** Command in front of it, such as strace with its options; must end up as the same process. */
  readonly prefix?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export class Service {
  readonly exited: Promise<Exit>;
  readonly #child: ChildProcess;
  #exit: Exit | undefined;

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.exited = new Promise((resolve) => {
      child.once("exit", (code, signal) => {
        this.#exit = { code, signal };
        resolve(this.#exit);
      });
    });
  }

  /** Starts `command`; what it prints is added to the file `log`. */
  static start(command: readonly string[], log: string, wrap: Wrap = {}): Service {
    const [file, ...args] = [...(wrap.prefix ?? []), ...command];
    const out = openSync(log, "a");
    const child = spawn(file!, args, {
      stdio: ["ignore", out, out],
      env: { ...process.env, NODE_OPTIONS: "", ...wrap.environment },
    });
    closeSync(out);
    return new Service(child);
  }

  get pid(): number {
    return this.#child.pid!;
  }

  get running(): boolean {
    return this.#exit === undefined;
  }

  /** Resolves true when `probe` succeeds, false when the process ended before. */
  async ready(probe: () => Promise<void>, timeoutMs = 20_000): Promise<boolean> {
    const begin = performance.now();
    for (;;) {
      if (!this.running) return false;
      try {
        await probe();
        return true;
      } catch (cause) {
        if (performance.now() - begin > timeoutMs)
          throw new Error("a process does not get ready", { cause });
        await sleep(20);
      }
    }
  }

  /** As the kernel does it when memory is short. */
  async kill(): Promise<Exit> {
    this.#child.kill("SIGKILL");
    return this.exited;
  }

  /** As systemd does it. */
  async stop(timeoutMs = 20_000): Promise<Exit> {
    this.#child.kill("SIGTERM");
    const late = sleep(timeoutMs, undefined, { ref: false }).then(() => {
      throw new Error("a process does not stop when it is asked to");
    });
    try {
      return await Promise.race([this.exited, late]);
    } finally {
      late.catch(() => {});
    }
  }
}
