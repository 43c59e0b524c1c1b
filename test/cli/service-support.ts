/** Services and the commands that talk to them, run in this process with signals of the test's own. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll } from "vitest";
import type { CliIo, ServiceHost, Signal } from "../../host/cli/io.ts";
import { runCli } from "../../host/cli/run.ts";
import type { Ran } from "./support.ts";

/** A folder with a short path, for sockets; removed after the tests of the file. */
export function serviceFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "ms-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

interface RunOptions {
  readonly environment?: Record<string, string>;
  readonly ask?: (question: string) => Promise<string>;
  readonly host?: Partial<ServiceHost>;
  /** Told of results as they are printed. */
  readonly onOut?: (text: string) => void;
}

/** Runs `mapveil` in this process. */
export async function runIn(cwd: string, argv: string[], options: RunOptions = {}): Promise<Ran> {
  let out = "";
  let err = "";
  const io: CliIo = {
    stdout: {
      write: (text) => {
        out += text;
        options.onOut?.(text);
      },
    },
    stderr: { write: (text) => (err += text) },
    cwd,
    isTTY: false,
    environment: options.environment ?? {},
    host: {
      log: new PassThrough(),
      takeSignals: () => () => {},
      exit: () => {},
      ...options.host,
    },
    ...(options.ask && { ask: options.ask }),
  };
  const exit = await runCli(argv, io);
  return { exit, out, err };
}

/** A service that runs in this process. */
export class Service {
  readonly ended: Promise<Ran>;
  /** Codes with which it would have ended the process. */
  readonly exits: number[] = [];
  #signal: (signal: Signal) => void = () => {};
  #log = "";

  constructor(cwd: string, ...argv: string[]) {
    const log = new PassThrough();
    log.on("data", (chunk) => {
      this.#log += chunk;
    });
    this.ended = runIn(cwd, argv, {
      host: {
        log,
        takeSignals: (listener) => {
          this.#signal = listener;
          return () => {};
        },
        exit: (code) => this.exits.push(code),
      },
    });
  }

  signal(signal: Signal): void {
    this.#signal(signal);
  }

  /** Lines of its log with this event. */
  events(event: string): Record<string, unknown>[] {
    return this.#log
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter((line) => line.event === event);
  }

  /** Waits for the `count`th line with this event. */
  async logged(event: string, count = 1): Promise<Record<string, unknown>> {
    let isOver = false;
    void this.ended.then(() => {
      isOver = true;
    });
    while (this.events(event).length < count) {
      if (isOver) throw new Error(`ended without ${event}: ${(await this.ended).err}`);
      await sleep(5);
    }
    return this.events(event)[count - 1]!;
  }

  async stop(): Promise<Ran> {
    this.signal("SIGTERM");
    return this.ended;
  }
}

/** Writes a file below the folder. */
export function put(folder: string, name: string, text: string): string {
  const path = join(folder, name);
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, text);
  return path;
}

export const readText = (folder: string, name: string) => readFileSync(join(folder, name), "utf8");
