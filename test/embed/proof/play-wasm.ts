/** Plays a file of plays through a module in Node, and writes what player.c writes. */
import { readFileSync } from "node:fs";
import * as abi from "../../../assembly/abi.ts";
import { engine, type WasmMemory } from "../../../host/core/webassembly.ts";
import { CALLS, type CallName, DUMP } from "./output.ts";
import { MAP_ADDS, MAP_BEGINS, MAP_RELEASES } from "./plays.ts";

type Export = (...numbers: number[]) => number;

/** A module with its regions, and what it answered to the plays. */
export class Player {
  readonly #exports: Record<string, Export>;
  readonly #bytes: Buffer;
  readonly #output: Buffer[] = [];
  readonly #plays: Buffer;
  /** Largest plaintext of a message that this build seals. */
  readonly pieceBytes: number;
  #at = 0;

  constructor(wasm: string, plays: Buffer = Buffer.alloc(0)) {
    const { exports } = new engine.Instance(new engine.Module(readFileSync(wasm)));
    this.#exports = exports as Record<string, Export>;
    this.#bytes = Buffer.from((exports as { memory: WasmMemory }).memory.buffer);
    this.#plays = plays;
    const room = this.regionBytes(abi.REGION_MESSAGE) - abi.MESSAGE_OVERHEAD;
    // The room for a message is rounded up from the largest piece, which is a power of two.
    this.pieceBytes = 2 ** Math.floor(Math.log2(room));
  }

  get output(): Buffer {
    return Buffer.concat(this.#output);
  }

  #export(name: string): Export {
    const found = this.#exports[name];
    if (found === undefined) throw new Error(`the module does not export ${name}`);
    return found;
  }

  has(name: CallName): boolean {
    return name in this.#exports;
  }

  regionBytes(region: number): number {
    return this.#export("region_bytes")(region);
  }

  region(region: number): Buffer {
    const at = this.#export("region_ptr")(region);
    return this.#bytes.subarray(at, at + this.regionBytes(region));
  }

  #put(...words: number[]): void {
    const chunk = Buffer.alloc(4 * words.length);
    for (const [i, word] of words.entries()) chunk.writeInt32LE(word | 0, 4 * i);
    this.#output.push(chunk);
  }

  tell(call: CallName, status: number): number {
    this.#put(CALLS.indexOf(call), status);
    return status;
  }

  call(name: CallName, ...numbers: number[]): number {
    return this.tell(name, this.#export(name)(...numbers));
  }

  dump(region: number, bytes: number): void {
    this.#put(DUMP + region, bytes);
    this.#output.push(Buffer.from(this.region(region).subarray(0, bytes)));
  }

  get(bytes: number): Buffer {
    this.#at += bytes;
    return this.#plays.subarray(this.#at - bytes, this.#at);
  }

  u32(): number {
    return this.get(4).readUInt32LE();
  }

  /** Into a region, which may have room for fewer. */
  getRegion(region: number, bytes: number): void {
    this.get(bytes).copy(this.region(region));
  }

  prologue(): Buffer {
    const stored = this.get(32);
    const fresh = this.get(32);
    this.call("selftest");
    this.call("frame_push", 1);
    this.call("frame_finish");
    this.call("tile_encode", 0);
    this.call("seal_message", 0, 1, abi.TAG_FINAL);
    this.call("seal_begin", abi.KIND_FRAME);
    this.call("seal_key");
    this.call("seed");
    for (let again = 0; again < 2; again++) {
      stored.copy(this.region(abi.REGION_SEED), abi.SEEDS_STORED);
      fresh.copy(this.region(abi.REGION_SEED), abi.SEEDS_FRESH);
      this.call("seed");
      this.dump(abi.REGION_SEED, abi.SEEDS_BYTES);
    }
    this.call("seal_key");
    return this.get(32);
  }

  readVoxels(voxels: number): void {
    const most = Math.floor(this.regionBytes(abi.REGION_INPUT) / 16);
    for (let first = 0; first < voxels; first += most) {
      const count = Math.min(most, voxels - first);
      this.call("frame_voxels", first, count);
      this.dump(abi.REGION_INPUT, count * 16);
    }
  }

  openAgain(dataKey: Buffer, messageBytes: number): void {
    dataKey.copy(this.region(abi.REGION_SEAL), abi.SEAL_DATA_KEY);
    this.region(abi.REGION_PLAIN).fill(0, 0, messageBytes);
    this.call("open_begin", abi.HEADER_BYTES);
    const record = this.call("open_message", messageBytes, 0);
    this.call("open_tag");
    if (record < 0) return;
    this.dump(abi.REGION_PLAIN, record);
    const voxels = this.call("tile_decode", record);
    if (voxels < 0) return;
    this.dump(abi.REGION_CELLS, voxels * 12);
    this.dump(abi.REGION_VALUES, voxels * abi.VALUE_BYTES);
  }

  seal(recipient: Buffer, kind: number, record: number): void {
    const seal = this.region(abi.REGION_SEAL);
    recipient.copy(seal, abi.SEAL_RECIPIENT);
    this.call("seal_key");
    const dataKey = Buffer.from(seal.subarray(abi.SEAL_DATA_KEY, abi.SEAL_DATA_KEY + 32));
    seal.fill(0x5a, abi.SEAL_POLICY_DIGEST, abi.SEAL_POLICY_DIGEST + 32);
    seal.writeBigUInt64LE(0x0123456789abcdefn, abi.SEAL_EPOCH);
    if (this.call("seal_begin", kind) < 0) return;
    this.dump(abi.REGION_HEADER, abi.HEADER_BYTES);
    let message = 0;
    for (let at = 0; at < record; at += this.pieceBytes) {
      const bytes = Math.min(record - at, this.pieceBytes);
      const tag = bytes === record - at ? abi.TAG_FINAL : abi.TAG_MESSAGE;
      message = this.call("seal_message", at, bytes, tag);
      if (message < 0) return;
      this.dump(abi.REGION_MESSAGE, message);
    }
    if (this.has("open_begin") && record <= this.pieceBytes) this.openAgain(dataKey, message);
  }

  #points(count: number, pushPoints: number, step: number): boolean {
    let taken = true;
    for (let first = 0; first < count; first += pushPoints) {
      const points = Math.min(pushPoints, count - first);
      this.getRegion(abi.REGION_INPUT, points * step);
      if (taken) taken = this.call("frame_push", points) >= 0;
    }
    return taken;
  }

  play(recipient: Buffer): void {
    const [session, pushPoints, points] = [this.u32(), this.u32(), this.u32()];
    const [policyBytes, metadataBytes, kind] = [this.u32(), this.u32(), this.u32()];
    const [mapSteps] = [this.u32(), this.u32()];
    const layout = this.get(abi.LAYOUT_BYTES);
    const frame = this.get(abi.FRAME_BYTES);
    const map = this.get(abi.MAP_BYTES);
    this.tell("play", points);
    frame.copy(this.region(abi.REGION_FRAME));
    if (session !== 0) this.call("session_begin");
    frame.copy(this.region(abi.REGION_FRAME));
    layout.copy(this.region(abi.REGION_LAYOUT));
    this.getRegion(abi.REGION_POLICY, policyBytes);
    this.getRegion(abi.REGION_METADATA, metadataBytes);
    if (mapSteps & MAP_BEGINS) {
      map.copy(this.region(abi.REGION_MAP));
      this.call("map_begin");
    }
    this.call("frame_begin");
    const taken = this.#points(points, pushPoints, layout.readUInt32LE(abi.LAYOUT_POINT_STEP));
    this.dump(abi.REGION_STATS, abi.STATS_BYTES);
    const voxels = this.call("frame_finish");
    if (!taken || voxels < 0) return;
    if (this.has("frame_voxels")) this.readVoxels(voxels);
    if (mapSteps & MAP_ADDS && !this.#addToMap(mapSteps)) return;
    const record = this.call("tile_encode", metadataBytes);
    this.dump(abi.REGION_STATS, abi.STATS_BYTES);
    if (record < 0) return;
    this.dump(abi.REGION_PLAIN, record);
    // That of a map is not sealed: plays behind it keep their keys.
    if (mapSteps === 0) this.seal(recipient, kind, record);
  }

  /** Whether what the map kept is to be encoded. */
  #addToMap(mapSteps: number): boolean {
    this.call("map_add");
    this.dump(abi.REGION_MAP, abi.MAP_BYTES);
    if ((mapSteps & MAP_RELEASES) === 0) return false;
    this.#releaseMap(abi.MAP_REMOVED);
    return this.#releaseMap(abi.MAP_KEPT) >= 0;
  }
  #releaseMap(part: number): number {
    const voxels = this.call("map_release", part);
    if (voxels >= 0) this.readVoxels(voxels);
    return voxels;
  }
}

/** What a module answers to a file of plays (playsFile). */
export function playWasm(wasm: string, plays: Buffer): Buffer {
  const player = new Player(wasm, plays);
  const count = player.u32();
  const recipient = player.prologue();
  for (let i = 0; i < count; i++) player.play(recipient);
  player.call("wipe");
  return player.output;
}
