/** Makes up values and remembers every one of them: what was planted, where, and in which form. */
import { stream, type Uniform } from "../scenes/random.ts";
import { ENCODINGS, type Encoding, encoded, piecesOf, textOf } from "./encodings.ts";
import type { Identifier } from "./identifier.ts";
import { IDENTIFIER_CLASSES, type IdentifierClass } from "./identifier-classes.ts";
import { partsOf } from "./text-forms.ts";

/** An identifier that was planted. Its name is that of its class. */
export interface Planted extends Identifier {
  readonly isMadeUp: true;
  /** Where it was put, such as "frame metadata". */
  readonly carrier: string;
  readonly encoding: Encoding;
}

export class Planter {
  readonly #next: Uniform;
  readonly #planted: Planted[] = [];
  /** The class whose turn it is where a carrier takes one value. */
  #turn = 0;

  /** The same seed plants the same values. */
  constructor(seed: number) {
    this.#next = stream(seed, "canary");
  }

  /** Everything that was planted so far. */
  get planted(): readonly Planted[] {
    return this.#planted;
  }

  /** A value of a class, as a program holds it. */
  value(id: string, carrier: string): Identifier["value"] {
    const found = IDENTIFIER_CLASSES.find((one) => one.id === id)!;
    return this.#plant(found, carrier, "utf-8");
  }

  /** A text of a class. */
  text(id: string, carrier: string): string {
    return textOf(this.value(id, carrier));
  }

  /** One text of the class whose turn it is: carriers with room for one get another class each time. */
  next(carrier: string): string {
    const one = IDENTIFIER_CLASSES[this.#turn++ % IDENTIFIER_CLASSES.length]!;
    return textOf(this.#plant(one, carrier, "utf-8"));
  }

  /**
   * Every class in every encoding that is text, or is bytes which text can hold. Split values come
   * as their pieces, which belong into neighbouring fields.
   */
  texts(carrier: string): string[] {
    return IDENTIFIER_CLASSES.flatMap((one) =>
      ENCODINGS.flatMap((encoding) => {
        if (encoding === "split") return this.#split(one, carrier);
        const form = this.#form(one, carrier, encoding, isText);
        return form === undefined ? [] : [Buffer.from(form).toString("utf8")];
      }),
    );
  }

  /** Every class in every encoding, as bytes. */
  bytes(carrier: string): Uint8Array[] {
    return IDENTIFIER_CLASSES.flatMap((one) =>
      ENCODINGS.flatMap((encoding) => {
        const form = this.#form(one, carrier, encoding, () => true);
        return form === undefined ? [] : [form];
      }),
    );
  }

  /** Remembers a value that follows from planted ones, such as the stamp of a second frame. */
  note(id: string, carrier: string, value: Identifier["value"]): void {
    this.#planted.push({ name: id, value, isMadeUp: true, carrier, encoding: "utf-8" });
  }

  #plant(one: IdentifierClass, carrier: string, encoding: Encoding): Identifier["value"] {
    const value = one.make(this.#next);
    this.#planted.push({ name: one.id, value, isMadeUp: true, carrier, encoding });
    return value;
  }

  /** Plants a value only if its form is one that the carrier can hold. */
  #form(
    one: IdentifierClass,
    carrier: string,
    encoding: Encoding,
    holds: (bytes: Uint8Array) => boolean,
  ): Uint8Array | undefined {
    const value = one.make(this.#next);
    const form = encoded(value, encoding);
    if (form === undefined || !holds(form)) return undefined;
    this.#planted.push({ name: one.id, value, isMadeUp: true, carrier, encoding });
    return form;
  }

  #split(one: IdentifierClass, carrier: string): string[] {
    const value = one.make(this.#next);
    const pieces = piecesOf(textOf(value));
    // Words that are short, or cut where they are, leave nothing that could be told from others.
    if (pieces === undefined || !pieces.some((piece) => partsOf(`${piece} `).length > 0)) return [];
    this.#planted.push({ name: one.id, value, isMadeUp: true, carrier, encoding: "split" });
    return pieces;
  }
}

/** Whether bytes come back as they were from a string. */
function isText(bytes: Uint8Array): boolean {
  return Buffer.compare(Buffer.from(Buffer.from(bytes).toString("utf8")), bytes) === 0;
}
