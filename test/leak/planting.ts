/** Canaries in inputs of every kind, and the search for them in what is said when those are broken. */
import { inspect } from "node:util";
import { MapveilError } from "../../host/core/errors.ts";
import { RpcError } from "../../host/rpc/index.ts";

/** No word of Mapveil's and no number that it could count to. */
export const WORD = "KaNaRiE9";
export const NUMBER = "77314829.375";

/** The forms in which a careless message would repeat them, or pieces of them. */
const FORMS = ["kanari", "4b614e61", "614e614b", "7731482", "773 14"];

/** Everything of an error that is printed or sent somewhere. */
export function printed(error: unknown): string {
  const parts = [String(error), inspect(error, { depth: 9 }), JSON.stringify(error) ?? ""];
  if (error instanceof Error) parts.push(error.message, error.stack ?? "");
  if (error instanceof MapveilError) parts.push(JSON.stringify(error.details));
  if (error instanceof RpcError) {
    const { metadata, fieldViolations, localized, preconditions } = error;
    parts.push(JSON.stringify({ metadata, fieldViolations, localized, preconditions }));
  }
  return parts.join("\n");
}

/** The forms of a canary that a text holds. */
export function tracesIn(text: string): string[] {
  const lower = text.toLowerCase();
  return FORMS.filter((form) => lower.includes(form));
}

type Random = () => number;
const below = (random: Random, limit: number) => Math.floor(random() * limit);

/** A copy with canaries over one to three places, most of them near the beginning. */
export function plantBytes(content: Uint8Array, random: Random): Buffer {
  const copy = Buffer.from(content);
  for (let left = 1 + below(random, 3); left > 0; left--) {
    const reach = random() < 0.7 ? Math.min(1500, copy.length) : copy.length;
    const canary = random() < 0.8 ? WORD : NUMBER;
    copy.write(canary, below(random, reach), "latin1");
  }
  return random() < 0.3 ? copy.subarray(0, below(random, copy.length)) : copy;
}

/** A copy in which one or two words are canaries, or beside one. */
export function plantWords(text: string, random: Random): string {
  const words = text.split(/([\s,:[\]{}"'=]+)/);
  for (let left = 1 + below(random, 2); left > 0; left--) {
    const at = 2 * below(random, Math.min(words.length, 600) >> 1);
    const canary = random() < 0.6 ? WORD : NUMBER;
    const old = words[at] ?? "";
    const forms = [
      canary,
      `${old}${canary}`,
      `-${NUMBER}`,
      `!${canary}`,
      `*${canary}`,
      `"${canary}`,
    ];
    words[at] = forms[below(random, forms.length)]!;
  }
  return words.join("");
}
