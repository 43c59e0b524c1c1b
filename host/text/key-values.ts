/** Where the value of a key begins and ends: in settings, JSON, XML, command lines and sentences. */
import type { Span } from "./detector.ts";

/**
 * Shapes of values: a word up to white space, a phrase up to a sign or a word that ends it, a line, or
 * a pattern that must stand right there.
 */
export type Shape = "word" | "phrase" | "line" | RegExp;

const VALUE_CHARS_MAX = 256;

/** What stands between a key and its value; the key may be in quotes, brackets or tags. */
const SEPARATOR =
  /(?:[\\"'\])]{0,3}(?:[ ]?\([^()\n]{1,24}\))?[ \t]{0,8}(?:=>|->|:=|={1,2}|:|>)|[ ]{1,2}(?:(?:is|was|are)(?:[ ](?:called|named|set to|now|still))?|called|named|set to|changed to)(?![A-Za-z])(?:[ ]{0,2}:)?|["']?,?\s{1,16}["']?value["']?(?:[ ]?[:=]|(?=[ ]["']))|<\/(?:key|name)>\s{0,8}<[a-z]{1,12}>|[ ]?(?:[是为叫]|设为|改为|改成|设置为|变为))[ \t]{0,8}/y;
/** Behind an option of a command, or before what is in quotes, white space is enough. */
const SPACE = /[ \t]{1,4}/y;

/** Ends a phrase, though no sign does: words that go on with the sentence, or another key. */
const PHRASE_END =
  /[ ]{2}|[ ](?:with|on|at|from|for|failed|is|was|has|had|not|and|but|then|after|before|signal|rssi|channel|to|by|in|connected|lost|dropped|timed|timeout|the|cannot|can|reported|reports|says|said|called|wrote|complained|complains|via|because|since|when|while|who|whose|wants|would|will|using|again|now|again|at|of)(?![A-Za-z])|[ ][A-Za-z_][\w.-]{0,31}[ ]?[=:]|[ ]?[([{<|]|\.(?:[ ]|$)|[ ]-+[ ]|[ ]\/[ ]|[ ]?(?:密码|口令|电话|手机|地址|序列号)/;
const STOPS = /[\n\r\t,;"<>|&{}，。；、！？]/;
const NO_VALUE =
  /^(?:none|null|nil|undefined|unknown|empty|n\/?a|na|true|false|yes|no|ok|hidden|redacted|removed|masked|missing|invalid|wrong|incorrect|required|not|unset|set|expired|changed|error|failed|failure|too|default|string|int|bool|optional|disabled|enabled|bearer|basic|digest|(?:wpa|wep|sae|ft)[0-9a-z-]*|[*•x]+|<[^>]*>|%s|%d|\$\{?\w+\}?|\{\w*\}|无|空|未知|没有|未设置|错误|不正确|已隐藏|正确|失败|成功|过期|已过期|已修改|必填)$/i;

/** Length of the phrase at the beginning of `rest`. */
function phraseLength(rest: string): number {
  const stop = rest.search(STOPS);
  const head = stop < 0 ? rest : rest.slice(0, stop);
  const end = head.search(PHRASE_END);
  return (end < 0 ? head : head.slice(0, end)).replace(/[\s:]+$/, "").length;
}

/** Length of the word: up to white space, quotes, or a comma that begins something else. */
function wordLength(rest: string): number {
  const isChinese = /^\p{Script=Han}/u.test(rest);
  const ends = isChinese
    ? /[\s,;"'<>，。；、！？]/
    : /[\s"'<>]|[,;&](?:\s|$|["']|[A-Za-z_][\w.-]{0,31}[ ]?[=:])|[\p{Script=Han}，。；、！？]/u;
  const end = rest.search(ends);
  const word = end < 0 ? rest : rest.slice(0, end);
  return word.replace(/[.,;:)\]}]{1,4}$/, "").length;
}

/** Length of the line; the signs of a Chinese sentence end it, too. */
function lineLength(rest: string): number {
  return (/^[^\n\r"，。；！？]*/.exec(rest)?.[0] ?? "").trimEnd().length;
}

function lengthOf(rest: string, shape: Shape): number {
  if (shape === "word") return wordLength(rest);
  if (shape === "phrase") return phraseLength(rest);
  if (shape === "line") return lineLength(rest);
  const found = shape.exec(rest);
  return found?.index === 0 ? found[0].length : 0;
}

/** Where a quote ends; an apostrophe between letters does not end one. */
function closingQuote(rest: string, quote: string): number {
  let at = rest.indexOf(quote);
  while (at > 0 && quote === "'" && /^\p{L}'\p{L}/u.test(rest.slice(at - 1, at + 2))) {
    at = rest.indexOf(quote, at + 1);
  }
  return at;
}

/** What may follow a key directly, or with a space: something that was made up, and no word. */
const MADE_UP = /^(?=[!-~]{0,64}[\d_])[!-~]{6,}/;
/** Names of Chinese accounts and networks need no digit behind a Chinese key: Latin letters are enough. */
const LATIN = /^[A-Za-z][!-~]{5,}/;

/**
 * The value behind a key.
 * @param index where the key begins
 * @param loose behind names of which language a value that looks like no word may follow without a sign
 * @returns undefined where there is none, or it says that there is none
 */
export function valueAfter(
  text: string,
  index: number,
  key: string,
  shape: Shape,
  loose: "any" | "chinese" | undefined,
): Span | undefined {
  const at = index + key.length;
  SEPARATOR.lastIndex = at;
  SPACE.lastIndex = at;
  const separator = SEPARATOR.exec(text)?.[0];
  const space = separator === undefined ? SPACE.exec(text)?.[0] : undefined;
  let from = at + (separator ?? space ?? "").length;
  // A quote right behind the key is the key's own, but for Chinese, which needs no space before one.
  const mayBeQuoted =
    separator !== undefined || space !== undefined || /\p{Script=Han}$/u.test(key);
  const quote = mayBeQuoted ? /^\\?["']/.exec(text.slice(from, from + 2))?.[0] : undefined;
  if (separator === undefined && quote === undefined) {
    const isChinese = /\p{Script=Han}$/u.test(key);
    // White space is enough behind an option of a command, and before a number behind Chinese nothing.
    const isOption = space !== undefined && text[index - 1] === "-";
    const isNumber =
      shape instanceof RegExp && (isChinese || (loose === "any" && space !== undefined));
    if (!isOption && !isNumber) {
      const mayFollow = isChinese ? loose !== undefined : loose === "any" && space !== undefined;
      const next = text.slice(from, from + 64);
      const run = MADE_UP.exec(next)?.[0] ?? (isChinese ? LATIN.exec(next)?.[0] : undefined);
      if (!mayFollow || run === undefined) return undefined;
      return spanOf(text, from, from + wordLength(run));
    }
  }
  if (quote !== undefined) {
    from += quote.length;
    const to = closingQuote(text.slice(from, from + VALUE_CHARS_MAX), quote);
    // Numbers in quotes have the shape of numbers; a quote that does not end is read as if it were none.
    if (to >= 0 && !(shape instanceof RegExp)) return spanOf(text, from, from + to);
  }
  const rest = text.slice(from, from + VALUE_CHARS_MAX);
  return spanOf(text, from, from + lengthOf(rest, shape));
}

function spanOf(text: string, from: number, to: number): Span | undefined {
  const value = text.slice(from, to);
  // Signs alone are brackets and the like, unless they are many.
  const isSaid = /[\p{L}\p{N}]/u.test(value) || (value.length >= 6 && !/\s/.test(value));
  return isSaid && !NO_VALUE.test(value) ? { from, to } : undefined;
}
