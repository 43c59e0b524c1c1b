/** The part of WebAssembly's interface that the host uses: the types of Node do not have it. */

/** A compiled module; opaque. */
export interface WasmModule {
  readonly __module: never;
}

interface Engine {
  validate(bytes: Uint8Array): boolean;
  Module: new (bytes: Uint8Array) => WasmModule;
  Instance: new (module: WasmModule) => { readonly exports: unknown };
}

export interface WasmMemory {
  readonly buffer: ArrayBuffer;
}

export const engine = (globalThis as unknown as { WebAssembly: Engine }).WebAssembly;
