/** Loads the builds of the core, and the module of its sealing parts, for the tests beside. */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";
import {
  REGION_HEADER,
  REGION_MESSAGE,
  REGION_PLAIN,
  REGION_SEAL,
  REGION_SEED,
  SEAL_DATA_KEY,
  SEAL_EPOCH,
  SEAL_KEY_ID,
  SEAL_POLICY_DIGEST,
  SEAL_SEALED_KEY,
  SEAL_STREAM_HEADER,
} from "../../assembly/abi.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

export const BUILDS = ["baseline", "simd"] as const;
export type Build = (typeof BUILDS)[number];
/** Those of the micro profile, which seals but opens nothing. */
export const MICRO_BUILDS = ["micro", "micro.simd"] as const;

/** The one part of WebAssembly's interface used here; the types of Node do not have it. */
interface Engine {
  instantiate(wasm: Uint8Array, imports: object): Promise<{ instance: { exports: unknown } }>;
}

async function instantiate(wasm: Uint8Array): Promise<unknown> {
  const engine = (globalThis as unknown as { WebAssembly: Engine }).WebAssembly;
  return (await engine.instantiate(wasm, {})).instance.exports;
}

export interface CoreExports {
  memory: { buffer: ArrayBuffer };
  region_ptr(id: number): number;
  region_bytes(id: number): number;
  seed(): number;
  seal_key(): number;
  seal_begin(kind: number): number;
  seal_message(plainOffset: number, bytes: number, tag: number): number;
  open_begin(headerBytes: number): number;
  open_message(bytes: number, plainOffset: number): number;
  open_tag(): number;
  wipe(): number;
  selftest(): number;
}

export interface Material {
  dataKey: Uint8Array;
  streamHeader: Uint8Array;
  keyId: Uint8Array;
  sealedKey: Uint8Array;
  policyDigest: Uint8Array;
  epoch: bigint;
}

/** One instance of a build with the regions of the seal as views. */
export class Core {
  readonly exports: CoreExports;
  readonly memory: Uint8Array;
  readonly plain: Uint8Array;
  readonly message: Uint8Array;
  readonly seal: Uint8Array;
  readonly seed: Uint8Array;
  readonly header: Uint8Array;

  private constructor(exports: CoreExports) {
    const region = (id: number) =>
      new Uint8Array(exports.memory.buffer, exports.region_ptr(id), exports.region_bytes(id));
    this.exports = exports;
    this.memory = new Uint8Array(exports.memory.buffer);
    this.plain = region(REGION_PLAIN);
    this.message = region(REGION_MESSAGE);
    this.seal = region(REGION_SEAL);
    this.seed = region(REGION_SEED);
    this.header = region(REGION_HEADER);
  }

  static async load(build: Build | (typeof MICRO_BUILDS)[number]): Promise<Core> {
    const file = build === "baseline" ? "core.wasm" : `core.${build}.wasm`;
    return new Core((await instantiate(await readFile(`${ROOT}dist/${file}`))) as CoreExports);
  }

  putMaterial(material: Material): void {
    this.seal.set(material.dataKey, SEAL_DATA_KEY);
    this.seal.set(material.streamHeader, SEAL_STREAM_HEADER);
    this.seal.set(material.keyId, SEAL_KEY_ID);
    this.seal.set(material.sealedKey, SEAL_SEALED_KEY);
    this.seal.set(material.policyDigest, SEAL_POLICY_DIGEST);
    const epoch = new DataView(this.seal.buffer, this.seal.byteOffset + SEAL_EPOCH);
    epoch.setBigUint64(0, material.epoch, true);
  }
}

/** Compiles a test module as the core is compiled. */
export async function compileModule(entry: string, target: Build | "micro"): Promise<Uint8Array> {
  const stderr = asc.createMemoryStream();
  let wasm: Uint8Array<ArrayBuffer> | undefined;
  const config = ["--config", "asconfig.json", "--target", target, "--baseDir", ROOT];
  const { error } = await asc.main([entry, ...config, "--outFile", "module.wasm"], {
    stderr,
    writeFile: (_name, contents) => {
      wasm = Uint8Array.from(contents as Uint8Array);
    },
  });
  if (error || !wasm) throw new Error(`${error?.message}\n${stderr.toString()}`);
  return wasm;
}

export interface PrimitiveExports {
  memory: { buffer: ArrayBuffer };
  SCRATCH_PTR: { value: number };
  STREAM_KEY_PTR: { value: number };
  STREAM_NONCE_PTR: { value: number };
  chacha20(
    dst: number,
    src: number,
    bytes: number,
    key: number,
    nonce: number,
    counter: number,
  ): void;
  hchacha20(out: number, key: number, nonce: number): void;
  poly1305(out: number, src: number, bytes: number, key: number): void;
  blake2b(
    out: number,
    outBytes: number,
    src: number,
    bytes: number,
    key: number,
    keyBytes: number,
  ): void;
  aeadSeal(
    dst: number,
    src: number,
    bytes: number,
    ad: number,
    adBytes: number,
    key: number,
    nonce: number,
  ): void;
  aeadOpen(
    dst: number,
    src: number,
    bytes: number,
    ad: number,
    adBytes: number,
    key: number,
    nonce: number,
  ): number;
  x25519(out: number, scalar: number, point: number): void;
  sealBox(out: number, message: number, recipient: number, secret: number): number;
  streamInit(key: number, header: number): void;
  streamPush(
    dst: number,
    src: number,
    bytes: number,
    ad: number,
    adBytes: number,
    tag: number,
  ): void;
  streamPull(dst: number, src: number, bytes: number, ad: number, adBytes: number): number;
}

/** The parts of the seal on byte arrays; each call lays its arguments out in scratch memory. */
export class Primitives {
  readonly exports: PrimitiveExports;
  readonly memory: Uint8Array;
  private readonly scratch: number;
  private next = 0;

  private constructor(exports: PrimitiveExports) {
    this.exports = exports;
    this.memory = new Uint8Array(exports.memory.buffer);
    this.scratch = exports.SCRATCH_PTR.value;
  }

  static async compile(build: Build): Promise<Primitives> {
    const wasm = await compileModule("test/seal/primitives.as.ts", build);
    return new Primitives((await instantiate(wasm)) as PrimitiveExports);
  }

  chacha20(key: Uint8Array, nonce: Uint8Array, counter: number, src: Uint8Array): Uint8Array {
    this.next = 0;
    const dst = this.reserve(src.length);
    const [s, k, n] = [this.put(src), this.put(key), this.put(nonce)];
    this.exports.chacha20(dst, s, src.length, k, n, counter);
    return this.take(dst, src.length);
  }

  hchacha20(key: Uint8Array, nonce: Uint8Array): Uint8Array {
    this.next = 0;
    const out = this.reserve(32);
    this.exports.hchacha20(out, this.put(key), this.put(nonce));
    return this.take(out, 32);
  }

  poly1305(key: Uint8Array, src: Uint8Array): Uint8Array {
    this.next = 0;
    const out = this.reserve(16);
    this.exports.poly1305(out, this.put(src), src.length, this.put(key));
    return this.take(out, 16);
  }

  blake2b(outBytes: number, src: Uint8Array, key: Uint8Array): Uint8Array {
    this.next = 0;
    const out = this.reserve(outBytes);
    this.exports.blake2b(out, outBytes, this.put(src), src.length, this.put(key), key.length);
    return this.take(out, outBytes);
  }

  aeadSeal(key: Uint8Array, nonce: Uint8Array, ad: Uint8Array, src: Uint8Array): Uint8Array {
    this.next = 0;
    const dst = this.reserve(src.length + 16);
    const [s, a, k, n] = [this.put(src), this.put(ad), this.put(key), this.put(nonce)];
    this.exports.aeadSeal(dst, s, src.length, a, ad.length, k, n);
    return this.take(dst, src.length + 16);
  }

  /** The destination is given filled with 0xee; `ok` false must leave it so. */
  aeadOpen(key: Uint8Array, nonce: Uint8Array, ad: Uint8Array, sealed: Uint8Array) {
    this.next = 0;
    const bytes = sealed.length - 16;
    const dst = this.put(new Uint8Array(bytes).fill(0xee));
    const [s, a, k, n] = [this.put(sealed), this.put(ad), this.put(key), this.put(nonce)];
    const ok = this.exports.aeadOpen(dst, s, bytes, a, ad.length, k, n) === 0;
    return { ok, plain: this.take(dst, bytes) };
  }

  x25519(scalar: Uint8Array, point: Uint8Array): Uint8Array {
    this.next = 0;
    const out = this.reserve(32);
    this.exports.x25519(out, this.put(scalar), this.put(point));
    return this.take(out, 32);
  }

  /** Nothing where the recipient's point is of low order. */
  sealBox(message: Uint8Array, recipient: Uint8Array, secret: Uint8Array): Uint8Array | undefined {
    this.next = 0;
    const out = this.reserve(80);
    const [m, p, s] = [this.put(message), this.put(recipient), this.put(secret)];
    return this.exports.sealBox(out, m, p, s) ? this.take(out, 80) : undefined;
  }

  streamInit(key: Uint8Array, header: Uint8Array): void {
    this.next = 0;
    this.exports.streamInit(this.put(key), this.put(header));
  }

  streamPush(src: Uint8Array, ad: Uint8Array, tag: number): Uint8Array {
    this.next = 0;
    const dst = this.reserve(src.length + 17);
    this.exports.streamPush(dst, this.put(src), src.length, this.put(ad), ad.length, tag);
    return this.take(dst, src.length + 17);
  }

  streamPull(sealed: Uint8Array, ad: Uint8Array) {
    this.next = 0;
    const bytes = sealed.length - 17;
    const dst = this.put(new Uint8Array(bytes).fill(0xee));
    const [s, a] = [this.put(sealed), this.put(ad)];
    const tag = this.exports.streamPull(dst, s, bytes, a, ad.length);
    return { tag, plain: this.take(dst, bytes) };
  }

  private put(bytes: Uint8Array): number {
    const at = this.reserve(bytes.length);
    this.memory.set(bytes, at);
    return at;
  }

  /** Odd distances, so that no test depends on an alignment. */
  private reserve(bytes: number): number {
    const at = this.scratch + this.next;
    this.next += bytes + 7;
    return at;
  }

  private take(at: number, bytes: number): Uint8Array {
    return this.memory.slice(at, at + bytes);
  }
}

/** mulberry32: the same numbers in every run. */
export class Seeded {
  private state: number;

  constructor(seed: number) {
    this.state = seed;
  }

  /** Integer in [0, below). */
  below(below: number): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let x = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
    return Math.floor((((x ^ (x >>> 14)) >>> 0) / 4294967296) * below);
  }

  bytes(count: number): Uint8Array {
    return Uint8Array.from({ length: count }, () => this.below(256));
  }

  material(): Material {
    return {
      dataKey: this.bytes(32),
      streamHeader: this.bytes(24),
      keyId: this.bytes(8),
      sealedKey: this.bytes(80),
      policyDigest: this.bytes(32),
      epoch: BigInt(this.below(2 ** 32)),
    };
  }
}

export const hex = (text: string) => new Uint8Array(Buffer.from(text.replaceAll(/\s/g, ""), "hex"));
export const toHex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
