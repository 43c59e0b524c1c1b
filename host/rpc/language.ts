/** Which of the two languages a caller prefers. */
import type { Language } from "./rpc-error.ts";

/** Longest "accept-language" that is looked at, in characters. */
const HEADER_MAX = 256;

/** Language from a header such as "zh-CN,zh;q=0.9,en;q=0.8". English if it names neither. */
export function preferredLanguage(header: string | undefined): Language {
  let best: { language: Language; quality: number } = { language: "en", quality: 0 };
  for (const entry of (header ?? "").slice(0, HEADER_MAX).split(",")) {
    const [tag, ...parameters] = entry.split(";").map((part) => part.trim().toLowerCase());
    const language = /^(en|zh)(-|$)/.exec(tag!)?.[1] as Language | undefined;
    const given = parameters.find((parameter) => parameter.startsWith("q="))?.slice(2);
    const quality = given === undefined ? 1 : Number(given) || 0;
    if (language && quality > best.quality) best = { language, quality };
  }
  return best.language;
}
