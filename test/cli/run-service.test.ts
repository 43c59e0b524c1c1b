/** The life of a service that does not do as it is told. */
import { PassThrough } from "node:stream";
import { describe, expect, test } from "vitest";
import type { CliIo, Signal } from "../../host/cli/io.ts";
import { type RunningService, runService, type ServiceConfig } from "../../host/cli/run-service.ts";

interface Config extends ServiceConfig<Config> {
  readonly name: string;
}

const config = (name: string, stopTimeoutMs = 1000): Config => ({
  name,
  service: { logLevel: "info", stopTimeoutMs },
  changedKeys: (other) => (other.name === name ? [] : ["name", "log.level", "tls.key"]),
});

function fixture(changes: Partial<RunningService<Config>> = {}) {
  const log = new PassThrough();
  const exits: number[] = [];
  const applied: string[] = [];
  let signal: (signal: Signal) => void = () => {};
  let given = 0;
  const io = {
    host: {
      log,
      takeSignals: (listener: (signal: Signal) => void) => {
        signal = listener;
        return () => given++;
      },
      exit: (code: number) => exits.push(code),
    },
  } as unknown as CliIo;
  const service: RunningService<Config> = {
    metrics: { contentType: "text/plain", text: async () => "" },
    isReady: () => true,
    liveKeys: ["name"],
    reload: async ({ name }) => {
      applied.push(name);
    },
    stop: async () => {},
    ...changes,
  };
  const events = () => String(log.read() ?? "").match(/"event":"\w+"/g) ?? [];
  return {
    io,
    service,
    exits,
    applied,
    events,
    signal: (s: Signal) => signal(s),
    given: () => given,
  };
}

/** Nothing is there. */
const folderOf = () => "/nonexistent";

describe("a service", () => {
  test("that does not stop is ended when its time is over", async () => {
    const { io, service, exits, signal, events } = fixture({ stop: () => new Promise(() => {}) });
    const load = async () => config("a", 50);
    const ended = runService(io, { load, start: async () => service, folderOf });
    await Promise.resolve();
    signal("SIGTERM");
    expect(await ended).toBe(1);
    expect(exits).toEqual([1]);
    expect(events().at(-1)).toBe('"event":"stop_timed_out"');
  });

  test("is told to stop with time left to cut what does not end", async () => {
    let graceMs = 0;
    const stop = async (ms: number) => {
      graceMs = ms;
    };
    const { io, service, signal, given } = fixture({ stop });
    const start = async () => service;
    const ended = runService(io, { load: async () => config("a", 10_000), start, folderOf });
    await Promise.resolve();
    signal("SIGINT");
    expect(await ended).toBe(0);
    expect(graceMs).toBe(9000);
    expect(given()).toBe(1);
  });

  test("that gets the signal while it starts, stops when it has started", async () => {
    const { io, service, signal } = fixture();
    const start = async () => {
      signal("SIGTERM");
      return service;
    };
    expect(await runService(io, { load: async () => config("a"), start, folderOf })).toBe(0);
  });

  test("reloads one after the other, in order, and goes on after one that fails", async () => {
    const { io, service, signal, applied, events } = fixture();
    const names = ["a", "b", "wrong", "c"];
    const load = async () => {
      const name = names.shift()!;
      if (name === "wrong") throw new Error("not a configuration");
      return config(name);
    };
    let finish = () => {};
    const reloaded = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const reload = async (next: Config) => {
      await service.reload(next);
      if (next.name === "c") finish();
    };
    const ended = runService(io, { load, start: async () => ({ ...service, reload }), folderOf });
    await new Promise((resolve) => setImmediate(resolve));
    for (let i = 0; i < 3; i++) signal("SIGHUP");
    await reloaded;
    signal("SIGTERM");
    expect(await ended).toBe(0);
    expect(applied).toEqual(["b", "c"]);
    const found = events().join();
    expect(found.match(/configuration_reloaded/g)).toHaveLength(2);
    expect(found.match(/configuration_rejected/g)).toHaveLength(1);
    expect(found.match(/restart_needed/g)).toHaveLength(2);
  });

  test("that cannot start hands on why, and gives the signals back", async () => {
    const { io, given } = fixture();
    const start = async () => {
      throw new Error("no");
    };
    await expect(
      runService(io, { load: async () => config("a"), start, folderOf }),
    ).rejects.toThrow("no");
    expect(given()).toBe(1);
  });
});
