/** Reads the sections of a WebAssembly module that say what it wants and what it offers. */

/** Value types that the core may use at its border. */
const TYPES: ReadonlyMap<number, string> = new Map([
  [0x7f, "i32"],
  [0x7e, "i64"],
  [0x7d, "f32"],
  [0x7c, "f64"],
  [0x7b, "v128"],
]);

export interface WasmModule {
  /** Numbers of the sections, as the specification numbers them. */
  readonly sections: readonly number[];
  readonly imports: number;
  readonly memories: readonly { readonly minimum: number; readonly maximum: number | undefined }[];
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
  const exported = bodies.get(7)?.list((c) => {
    const name = Buffer.from(c.take(c.number())).toString("utf8");
    const kind = c.byte();
    const index = c.number();
    const kinds = ["function", "table", "memory", "global"];
    return [name, kind === 0 ? types[functions[index]!]! : (kinds[kind] ?? "unknown")] as const;
  });
  return { sections, imports, memories, exports: new Map(exported) };
}
