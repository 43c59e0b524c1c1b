/**
 * Peers in C and C++: one program a library, built by setup.sh from the sources in native/. Each runs
 * as a process that takes its own samples, and speaks the line protocol of native/serve.hpp.
 */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, open, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { RemoteContender } from "../measure/race.ts";
import type { MissingPeer } from "../report/report.ts";

/** Programs, what they are in a table, and the Debian packages that they need. */
const PROGRAMS = {
  pcl: { title: "PCL", packages: ["libpcl-dev"] },
  open3d: { title: "Open3D", packages: ["libopen3d-dev"] },
  draco: { title: "Draco C++", packages: ["libdraco-dev"] },
  sodium: { title: "libsodium C", packages: ["libsodium-dev"] },
  reference: { title: "sorted keys and native C", packages: ["g++"] },
  chain: { title: "C++ chain", packages: ["libpcl-dev", "libdraco-dev", "libsodium-dev"] },
} as const;

export type NativeName = keyof typeof PROGRAMS;
/** xyz as floats, cells as integers, or bytes. */
export type Variant = Float32Array | Int32Array | Uint8Array;

const BUILD = fileURLToPath(new URL("./build/", import.meta.url));
const SETUP = "run bench/peers/setup.sh";
/** No operation on a frame takes so long; a round of samples does not either. */
const ANSWER_TIMEOUT_MS = 120_000;
const STDERR_MAX = 4096;
const NS_PER_MS = 1e6;

export interface NativePeer {
  readonly name: NativeName;
  /** Hands over the variants that everything that follows works on. */
  load(variants: readonly Variant[]): Promise<void>;
  /** The operation as a contender of a race; `samples` a round, default the race's. */
  contender(name: string, op: string, args: readonly Arg[], samples?: number): RemoteContender;
  /** What the operation makes of a variant. */
  output(op: string, args: readonly Arg[], variant: number): Promise<Uint8Array>;
  /** Ends the process; whatever was asked and not answered is rejected. */
  close(): Promise<void>;
}

type Arg = string | number;

/** Starts a peer, or says why it is not in `folder`. What is there and does not start fails later. */
export async function nativePeer(
  name: NativeName,
  folder = BUILD,
): Promise<NativePeer | MissingPeer> {
  const path = join(folder, name);
  if (existsSync(path)) return PeerProcess.start(name, path);
  const { title, packages } = PROGRAMS[name];
  const needs = packages.join(", ");
  const reason = `bench/peers/build/${name} is not built (needs ${needs}): ${SETUP}`;
  return { name: title, reason };
}

/** Whether nativePeer() found nothing. */
export function isMissing<T extends object>(peer: T | MissingPeer): peer is MissingPeer {
  return "reason" in peer;
}

interface Waiting {
  resolve(answer: string): void;
  reject(error: Error): void;
}

class PeerProcess implements NativePeer {
  readonly name: NativeName;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #folder: string;
  readonly #ended: Promise<void>;
  #waiting: Waiting | undefined;
  #stderr = "";
  #end: string | undefined;

  static async start(name: NativeName, path: string): Promise<NativePeer> {
    const folder = await mkdtemp(join(tmpdir(), `mapveil-bench-${name}-`));
    return new PeerProcess(name, spawn(path, { stdio: "pipe" }), folder);
  }

  private constructor(name: NativeName, child: ChildProcessWithoutNullStreams, folder: string) {
    this.name = name;
    this.#child = child;
    this.#folder = folder;
    createInterface({ input: child.stdout }).on("line", (line) => this.#take(line));
    child.stderr.on("data", (data) => {
      this.#stderr = (this.#stderr + String(data)).slice(-STDERR_MAX);
    });
    // A write to a process that is gone: its end tells more.
    child.stdin.on("error", () => {});
    this.#ended = new Promise((resolve) => {
      const end = (why: string) => {
        this.#end ??= why;
        this.#waiting?.reject(this.#error(why));
        this.#waiting = undefined;
        resolve();
      };
      child.on("error", (error) => end(error.message));
      child.on("close", (code, signal) => end(`ended with ${signal ?? `code ${code}`}`));
    });
  }

  async load(variants: readonly Variant[]): Promise<void> {
    const path = join(this.#folder, "variants");
    await writeVariants(path, variants);
    await this.#ask("load", path);
    await rm(path);
  }

  contender(name: string, op: string, args: readonly Arg[], samples?: number): RemoteContender {
    return {
      name,
      ...(samples === undefined ? {} : { samples }),
      sample: async (turn, count) => {
        const answer = await this.#ask("run", op, ...args, turn, count);
        return answer === "" ? [] : answer.split(" ").map((ns) => Number(ns) / NS_PER_MS);
      },
    };
  }

  async output(op: string, args: readonly Arg[], variant: number): Promise<Uint8Array> {
    const path = join(this.#folder, "output");
    const length = Number(await this.#ask("output", op, ...args, variant, path));
    const bytes = new Uint8Array(await readFile(path));
    await rm(path);
    if (bytes.length !== length) throw this.#error(`wrote ${bytes.length} of ${length} bytes`);
    return bytes;
  }

  async close(): Promise<void> {
    this.#child.stdin.end("quit\n");
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), ANSWER_TIMEOUT_MS / 10);
    await this.#ended;
    clearTimeout(timer);
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** Sends a line and returns what stands behind "ok" in its answer. */
  #ask(...words: readonly Arg[]): Promise<string> {
    if (this.#end !== undefined) return Promise.reject(this.#error(this.#end));
    if (this.#waiting) return Promise.reject(this.#error("asked before it had answered"));
    const line = words.join(" ");
    return new Promise<string>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#child.kill("SIGKILL");
        this.#end ??= `no answer within ${ANSWER_TIMEOUT_MS} ms to "${line}"`;
        reject(this.#error(this.#end));
      }, ANSWER_TIMEOUT_MS);
      const settle = () => {
        clearTimeout(timer);
        this.#waiting = undefined;
      };
      this.#waiting = {
        resolve: (answer) => {
          settle();
          if (answer.startsWith("ok")) resolve(answer.slice(3));
          else reject(this.#error(`"${line}" gave ${answer}`));
        },
        reject: (error) => {
          settle();
          reject(error);
        },
      };
      this.#child.stdin.write(`${line}\n`);
    });
  }

  #take(line: string): void {
    this.#waiting?.resolve(line);
  }

  #error(what: string): Error {
    const said = this.#stderr.trim();
    return new Error(`peer ${this.name}: ${what}${said === "" ? "" : `; it said: ${said}`}`);
  }
}

/** The file of `load`: number of variants, their lengths in bytes, the variants. */
async function writeVariants(path: string, variants: readonly Variant[]): Promise<void> {
  const file = await open(path, "w");
  try {
    const head = Uint32Array.of(variants.length, ...variants.map((v) => v.byteLength));
    await file.writeFile(new Uint8Array(head.buffer));
    for (const { buffer, byteOffset, byteLength } of variants) {
      await file.writeFile(new Uint8Array(buffer, byteOffset, byteLength));
    }
  } finally {
    await file.close();
  }
}
