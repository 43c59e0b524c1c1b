/** Tells the demo step by step, and remembers every word of it for the search at its end. */
import { wrap } from "../../policy/index.ts";
import type { CliIo } from "../io.ts";

const WIDTH = 96;

export class Story {
  readonly #io: CliIo;
  #steps = 0;
  told = "";

  constructor(io: CliIo) {
    this.#io = io;
  }

  step(title: string): void {
    this.text(`\n${++this.#steps}. ${title}\n`);
  }

  line(text: string): void {
    this.text(`${wrap(text, "   ", WIDTH).join("\n")}\n`);
  }

  block(text: string): void {
    this.text(text.replace(/^(?=.)/gm, "   "));
  }

  text(text: string): void {
    this.told += text;
    this.#io.stdout.write(text);
  }
}
