/** Postal addresses, by the words that streets and towns end with. */
import { byPattern, type Detector } from "./detector.ts";

/** First characters of a Chinese address: provinces, municipalities, regions. */
const PROVINCES =
  "北京|天津|上海|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|云南|陕西|甘肃|青海|台湾|内蒙古|广西|西藏|宁夏|新疆|香港|澳门";

/**
 * Chinese addresses go from the large to the small: province, town, district, street, number, house,
 * flat. Wanted is a street with a number, or a house with a flat; what of the rest stands before it or
 * behind it is taken along.
 */
const PART = "[\\p{Script=Han}A-Za-z0-9]";
const AREAS = `(?:(?:${PROVINCES})(?:省|市|自治区|壮族自治区|回族自治区|维吾尔自治区|特别行政区)?)?(?:\\p{Script=Han}{2,5}?(?:市|州|盟|地区))?(?:\\p{Script=Han}{1,5}?(?:区|县|旗|镇|乡|街道)){0,3}`;
const STREET =
  "\\p{Script=Han}{1,6}?(?:大道|大街|路|街|巷|弄|胡同|里|村|道)(?:[东西南北中]段?|[一二三四五六七八九十]段)?";
const HOUSE = `(?:${PART}{1,8}?(?:小区|花园|公寓|大厦|广场|新村|家园|苑|园|城|府|庭|湾))?`;
const UNITS =
  "(?:[ ]?(?:\\d{1,5}|[A-Za-z]\\d{0,3}|[一二三四五六七八九十]{1,3})(?:号楼|号院|号|弄|栋|幢|座|单元|楼|层|室|房|户|组|支弄|之\\d{1,3})(?:[A-Za-z]座)?)";
/** Words of the sentence that stand before an address and not in it. */
const LEAD =
  /^(?:.{0,4}?(?:家住在|我家在|住在|家住|住址|地址|位于|送到|寄到|寄往|发往|搬到|来到|在|到|去|从|是|至|往))/u;

const CHINESE = byPattern(
  "address",
  new RegExp(
    `${AREAS}(?:${STREET}${HOUSE}${UNITS}{1,5}|${HOUSE}${UNITS}{2,5})(?:[ ]?\\d{3,4}(?![\\d.]))?`,
    "gu",
  ),
  (match) => {
    const lead = LEAD.exec(match[0].slice(0, 12))?.[0].length ?? 0;
    const from = match.index + lead;
    const to = match.index + match[0].length;
    return from < to && { from, to };
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
