/** Postal addresses, by the words that streets and towns end with. */
import { before, byPattern, type Detector } from "./detector.ts";

/** First characters of a Chinese address: provinces, municipalities, regions. */
const PROVINCES =
  /北京|天津|上海|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|云南|陕西|甘肃|青海|台湾|内蒙古|广西|西藏|宁夏|新疆|香港|澳门/;

/** Ends the name of a street, of a village or of a house, before its number. */
const STREET =
  /(?:大道|大街|路|街|巷|弄|胡同|里|村|道|小区|花园|公寓|大厦|广场|家园|苑|园|城|府|庭|湾|镇|乡)(?:[东西南北中][一二三四五六七八九十]?段?|[一二三四五六七八九十]段)?$/;
const UNIT =
  "[ ]?(?:\\d{1,5}|[A-Za-z]\\d{0,3}|[一二三四五六七八九十]{1,3})(?:号楼|号院|号|弄|栋|幢|座|单元|楼|层|室|房|户|组|支弄)";
const HOUSE =
  "(?:[\\p{Script=Han}A-Za-z]{1,8}?(?:小区|花园|公寓|大厦|广场|新村|家园|苑|园|城|府|庭|湾))?";

/** Words of the sentence that stand before an address and not in it. */
const LEAD =
  /^.*(?:住在|我家在|住址|地址|位于|送到|寄到|寄往|发往|搬到|来到|上门|维修|师傅|在|到|去|从|是|至|往|为)/u;

/**
 * Where a Chinese address begins, which goes from the large to the small: at its province, behind the
 * words of the sentence, or where a name gets too long to be one.
 */
function beginsAt(words: string): number {
  const province = words.search(PROVINCES);
  if (province >= 0) return province;
  return Math.max(LEAD.exec(words)?.[0].length ?? 0, words.length - 20);
}

/** Wanted is a street or a house with a number, or a house with a flat. */
const CHINESE = byPattern(
  "address",
  new RegExp(`(?<![\\dA-Za-z])${UNIT}(?:${HOUSE}${UNIT}){0,4}(?:[ ]?\\d{3,4}(?![\\d.]))?`, "gu"),
  (match) => {
    const words = /[\p{Script=Han}0-9A-Za-z]*$/u.exec(before(match, 32))![0];
    if (!STREET.test(words)) return false;
    return {
      from: match.index - words.length + beginsAt(words),
      to: match.index + match[0].length,
    };
  },
);

const WAY =
  "(?:Street|St|Avenue|Ave|Road|Rd|Lane|Ln|Drive|Dr|Court|Ct|Boulevard|Blvd|Way|Place|Pl|Square|Sq|Terrace|Close|Crescent|Parkway|Pkwy|Highway|Hwy|Gardens|Grove|Mews|Hill|Row|Walk|Circle|Cir|Trail)";
const NAME = "(?:[A-Z][\\p{L}'’.-]{0,24}|\\d{1,3}(?:st|nd|rd|th))";
const FLAT =
  "(?:,?[ ](?:Apt|Apartment|Suite|Ste|Unit|Flat|Floor|Fl|No|#)\\.?[ ]?#?[0-9A-Za-z-]{1,6})?";
const TOWN = `(?:,?[ ]${NAME}(?:[ ]${NAME}){0,2}(?=,?[ ](?:[A-Z]{2}[ ]\\d{5}|[A-Z]{1,2}\\d[A-Z\\d]?[ ]\\d[A-Z]{2}|\\d{5})(?![0-9A-Za-z])))?`;
const STATE =
  "(?:,?[ ](?:[A-Z]{2}[ ]\\d{5}(?:-\\d{4})?|[A-Z]{1,2}\\d[A-Z\\d]?[ ]\\d[A-Z]{2}|\\d{5})(?![0-9A-Za-z]))?";

const ENGLISH = byPattern(
  "address",
  new RegExp(
    `(?<![\\p{L}\\d.])(?:(?:Flat|Apt|Unit|Apartment)[ ]?\\d{1,4}[A-Z]?,?[ ])?\\d{1,5}[A-Za-z]?,?[ ](?:[NSEW]\\.?[ ]|North[ ]|South[ ]|East[ ]|West[ ])?(?:${NAME}[ ]){1,4}${WAY}(?![\\p{L}\\d])\\.?${FLAT}${TOWN}${STATE}`,
    "gu",
  ),
);

/** A street in one word, or two, and then its number; a postcode and a town may follow. */
const GERMAN = byPattern(
  "address",
  /(?<![\p{L}\d])(?:\p{Lu}[\p{L}.-]{1,24}[ -]){0,2}\p{Lu}?[\p{L}-]{2,30}(?:straße|strasse|str\.|weg|platz|allee|gasse|Straße|Strasse|Weg|Platz|Allee)[ ]\d{1,4}[ ]?[a-z]?(?![\p{L}\d])(?:,?[ ]\d{5}[ ]\p{Lu}[\p{L}-]{2,24})?/gu,
);

export const ADDRESSES: readonly Detector[] = [CHINESE, ENGLISH, GERMAN];
