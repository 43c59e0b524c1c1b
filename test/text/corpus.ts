/** A seeded corpus of free texts in which every value is known by its place. */
import { stream } from "../../host/scenes/random.ts";
import type { TextKind } from "../../host/text/index.ts";
import { HARMLESS } from "./harmless.ts";
import type { Template } from "./templates.ts";
import { VALUES } from "./values.ts";

export interface Value {
  /** Name in the template, as "phone_intl", and the kind that it is of. */
  readonly name: string;
  readonly kind: TextKind;
  /** It stands right behind a sign, a word or an option that says what it is. */
  readonly isKeyed: boolean;
  readonly from: number;
  readonly to: number;
}

export interface Labelled {
  readonly language: Template["language"];
  readonly template: string;
  readonly text: string;
  readonly values: readonly Value[];
}

/** What stands between a key and its value. */
const KEY_BEFORE = /(?:[:=：＝>"'“]|[是为叫]|\bis|--?[a-z]+)[ ]*$/;

/** Fills one template; braces that name nothing stay, as in JSON. */
function fill({ language, text: template }: Template, next: () => number): Labelled {
  const values: Value[] = [];
  let text = "";
  let at = 0;
  for (const match of template.matchAll(/\{([a-z_0-9]+)\}/g)) {
    const name = match[1]!;
    text += template.slice(at, match.index);
    at = match.index + match[0].length;
    const value = VALUES[name];
    if (value !== undefined) {
      const made = value.make(next);
      const place = { from: text.length, to: text.length + made.length };
      values.push({ name, kind: value.kind, isKeyed: KEY_BEFORE.test(text), ...place });
      text += made;
    } else {
      const harmless = HARMLESS[name];
      if (harmless === undefined) throw new Error(`${template}: nothing is called ${name}`);
      text += harmless(next);
    }
  }
  return { language, template, text: text + template.slice(at), values };
}

/** As phones type them in Chinese texts: digits and letters as wide as Han characters. */
function widened({ text, ...rest }: Labelled): Labelled {
  const wide = text.replaceAll(/[0-9A-Za-z:.@-]/g, (sign) =>
    String.fromCharCode(sign.charCodeAt(0) + 0xfee0),
  );
  return { ...rest, text: wide };
}

/**
 * Each template `rounds` times, with other values each time; one in `wideEvery` of the Chinese ones in
 * full-width signs.
 */
export function corpus(
  templates: readonly Template[],
  seed: number,
  rounds: number,
  wideEvery = 0,
): Labelled[] {
  return templates.flatMap((template) => {
    const next = stream(seed, template.text);
    return Array.from({ length: rounds }, (_, round) => {
      const made = fill(template, next);
      const isWide = wideEvery > 0 && template.language === "zh" && round % wideEvery === 0;
      return isWide ? widened(made) : made;
    });
  });
}
