/**
 * OctoMap as a process beside ours: bench/peers/native/octomap.cpp says what goes over its pipes. It
 * is built by bench/peers/setup.sh, which a package from npm does not hold.
 */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { MapveilError } from "../core/errors.ts";
import type { PointMap, Scan } from "../scenes/index.ts";
import { packageRoot } from "./package-root.ts";

/** Rays for each point, as insertPointCloud does of itself, or for each cell with a point in it. */
export const OCTOMAP_MODES = ["points", "cells"] as const;
export type OctomapMode = (typeof OCTOMAP_MODES)[number];

const HEAD_BYTES = 64;
const NS_PER_MS = 1e6;

/** Where setup.sh puts the peer. */
const OCTOMAP_PATH = join(packageRoot(), "bench/peers/build/octomap");

/** How to get the peer, in a sentence. */
export const OCTOMAP_MISSING =
  "OctoMap is not built, so there is nothing to compare with: run bench/peers/setup.sh in a " +
  "checkout of the sources (Debian: liboctomap-dev).";

export class OctomapPeer implements PointMap {
  readonly #path: string;
  readonly #child: ChildProcessWithoutNullStreams;
  #received: Buffer[] = [];
  #bytes = 0;
  #waiting: { count: number; resolve(): void; reject(error: Error): void } | undefined;
  #stderrBytes = 0;
  #end: string | undefined;

  /** Whether the peer is built. */
  static isBuilt(): boolean {
    return existsSync(OCTOMAP_PATH);
  }

  /** @param path the program, where it is not that of bench/peers/setup.sh */
  constructor(leafM: number, mode: OctomapMode, path = OCTOMAP_PATH) {
    this.#path = path;
    // Core for core: its loops run on one thread, as ours do.
    const env = { OMP_NUM_THREADS: "1" };
    this.#child = spawn(path, [String(leafM), mode], { stdio: "pipe", env });
    this.#child.stdout.on("data", (chunk: Buffer) => this.#take(chunk));
    this.#child.stderr.on("data", (chunk: Buffer) => {
      this.#stderrBytes += chunk.length;
    });
    // A write to a process that is gone: its end tells more.
    this.#child.stdin.on("error", () => {});
    this.#child.on("error", () => this.#fail("it cannot be started"));
    this.#child.on("close", (code, signal) => this.#fail(`it ended with ${signal ?? code}`));
  }

  async insert(scan: Scan): Promise<number> {
    const answer = await this.#ask(0, scan, 8);
    return Number(answer.readBigUInt64LE(0)) / NS_PER_MS;
  }

  async keeps(scan: Scan): Promise<Uint8Array> {
    return this.#ask(1, scan, scan.count);
  }

  /** Ends the process. */
  close(): void {
    this.#child.stdin.end();
    this.#child.kill();
  }

  async #ask(what: number, scan: Scan, answerBytes: number): Promise<Buffer> {
    const { points, count, pose } = scan;
    const head = Buffer.alloc(HEAD_BYTES);
    head.writeUInt32LE(what, 0);
    head.writeUInt32LE(count, 4);
    const [x, y, z, w] = pose.quaternion;
    for (const [i, value] of [...pose.translation, w, x, y, z].entries()) {
      head.writeDoubleLE(value, 8 + 8 * i);
    }
    this.#child.stdin.write(head);
    this.#child.stdin.write(Buffer.from(points.buffer, points.byteOffset, 12 * count));
    await this.#until(answerBytes);
    const all = Buffer.concat(this.#received);
    this.#received = [];
    this.#bytes = 0;
    if (all.length !== answerBytes) throw this.#error(`it answered ${all.length} bytes`);
    return all;
  }

  #until(count: number): Promise<void> {
    if (this.#end !== undefined) return Promise.reject(this.#error(this.#end));
    if (this.#bytes >= count) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#waiting = { count, resolve, reject };
    });
  }

  #take(chunk: Buffer): void {
    this.#received.push(chunk);
    this.#bytes += chunk.length;
    if (this.#waiting !== undefined && this.#bytes >= this.#waiting.count) {
      this.#waiting.resolve();
      this.#waiting = undefined;
    }
  }

  #fail(why: string): void {
    this.#end ??= why;
    this.#waiting?.reject(this.#error(this.#end));
    this.#waiting = undefined;
  }

  #error(what: string): MapveilError {
    const said = this.#stderrBytes === 0 ? "" : `, with ${this.#stderrBytes} bytes on stderr`;
    const text = `${this.#path}: ${what}${said}.`;
    return new MapveilError("INTERNAL", text, { file: this.#path });
  }
}
