/** Reads the sections of a WebAssembly module that say what it wants and what it offers. */

/** Value types that the core may use at its border. */
const TYPES: ReadonlyMap<number, string> = new Map([
  [0x7f, "i32"],
  [0x7e, "i64"],
  [0x7d, "f32"],
  [0x7c, "f64"],
  [0x7b, "v128"],
]);

export interface WasmGlobal {
  readonly type: string;
  readonly mutable: boolean;
  /** What it begins with, if it is an i32. */
  readonly start: number | undefined;
}

export interface WasmModule {
  /** Numbers of the sections, as the specification numbers them. */
  readonly sections: readonly number[];
  readonly imports: number;
  readonly memories: readonly { readonly minimum: number; readonly maximum: number | undefined }[];
  readonly globals: readonly WasmGlobal[];
  /** Exports by name: "memory", or a signature as "(i32, i32) -> i32". */
  readonly exports: ReadonlyMap<string, string>;
}

class Cursor {
  readonly #bytes: Uint8Array;
  at: number;

  constructor(bytes: Uint8Array, at = 0) {
    this.#bytes = bytes;
    this.at = at;
  }

  get ended(): boolean {
    return this.at >= this.#bytes.length;
  }

  byte(): number {
    return this.#bytes[this.at++]!;
  }

  /** LEB128, unsigned. */
  number(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  }

  take(bytes: number): Uint8Array {
    this.at += bytes;
    return this.#bytes.subarray(this.at - bytes, this.at);
  }

  /** LEB128, signed, 32 bits. */
  signed(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return shift < 25 && byte & 0x40 ? value | (-1 << (shift + 7)) : value;
    }
  }

  list<T>(read: (cursor: Cursor) => T): T[] {
    return Array.from({ length: this.number() }, () => read(this));
  }
}

const valueType = (cursor: Cursor) => TYPES.get(cursor.byte()) ?? "reference";

function signature(cursor: Cursor): string {
  if (cursor.byte() !== 0x60) throw new Error("not a function type");
  const parameters = cursor.list(valueType);
  const results = cursor.list(valueType);
  return `(${parameters.join(", ")}) -> ${results.join(", ")}`;
}

function limits(cursor: Cursor) {
  const hasMaximum = cursor.byte() === 1;
  const minimum = cursor.number();
  return { minimum, maximum: hasMaximum ? cursor.number() : undefined };
}

const I32_CONST = 0x41;
const I64_CONST = 0x42;
const F32_CONST = 0x43;
const F64_CONST = 0x44;
const END = 0x0b;

function global(cursor: Cursor): WasmGlobal {
  const type = valueType(cursor);
  const mutable = cursor.byte() === 1;
  const instruction = cursor.byte();
  let start: number | undefined;
  if (instruction === I32_CONST) start = cursor.signed();
  else if (instruction === I64_CONST) cursor.number();
  else if (instruction === F32_CONST) cursor.take(4);
  else if (instruction === F64_CONST) cursor.take(8);
  else throw new Error("a global starts with something else than a number");
  if (cursor.byte() !== END) throw new Error("a global starts with more than a number");
  return { type, mutable, start };
}

/** Parses a module without imports; throws where it has any that shift the function numbers. */
export function parseWasm(wasm: Uint8Array): WasmModule {
  const cursor = new Cursor(wasm, 8);
  const bodies = new Map<number, Cursor>();
  const sections: number[] = [];
  while (!cursor.ended) {
    const id = cursor.byte();
    const bytes = cursor.take(cursor.number());
    sections.push(id);
    if (id !== 0) bodies.set(id, new Cursor(bytes));
  }
  const types = bodies.get(1)?.list(signature) ?? [];
  const imports = bodies.get(2)?.number() ?? 0;
  const functions = bodies.get(3)?.list((c) => c.number()) ?? [];
  const memories = bodies.get(5)?.list(limits) ?? [];
  const globals = bodies.get(6)?.list(global) ?? [];
  const exported = bodies.get(7)?.list((c) => {
    const name = Buffer.from(c.take(c.number())).toString("utf8");
    const kind = c.byte();
    const index = c.number();
    const kinds = ["function", "table", "memory", "global"];
    return [name, kind === 0 ? types[functions[index]!]! : (kinds[kind] ?? "unknown")] as const;
  });
  return { sections, imports, memories, globals, exports: new Map(exported) };
}
