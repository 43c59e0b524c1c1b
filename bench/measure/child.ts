/** A TypeScript file as a process of its own that answers commands, one after the other. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";

export class Child {
  readonly #process: ChildProcess;
  readonly #name: string;

  private constructor(name: string, process: ChildProcess) {
    this.#name = name;
    this.#process = process;
  }

  /** Starts it and waits for its first message, which says that it is ready. */
  static async start(script: URL, args: readonly string[]): Promise<Child> {
    const child = new Child(
      args.join(" "),
      fork(script, args, { execArgv: ["--import", "tsx"], stdio: ["ignore", 2, 2, "ipc"] }),
    );
    await child.#message();
    return child;
  }

  /** Sends a command and waits for the answer. Throws if the process ends instead. */
  async ask<Answer>(command: object): Promise<Answer> {
    this.#process.send(command);
    return (await this.#message()) as Answer;
  }

  async #message(): Promise<unknown> {
    const over = new AbortController();
    const ended = once(this.#process, "exit", { signal: over.signal }).then(([code]) => {
      throw new Error(`the process "${this.#name}" ended with code ${code}`);
    });
    const answered = once(this.#process, "message", { signal: over.signal });
    try {
      return (await Promise.race([answered, ended]))[0];
    } finally {
      over.abort();
      await Promise.allSettled([answered, ended]);
    }
  }

  /** Ends it. */
  async close(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const exit = once(this.#process, "exit");
    this.#process.kill();
    await exit;
  }
}
