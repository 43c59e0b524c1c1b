/** Names of people where the sentence shows that they are: behind titles, and before what is theirs. */
import { before, byPattern, type Detector, type Span } from "./detector.ts";
import { GIVEN_NAMES } from "./given-names.ts";

/** The surnames of nine in ten Chinese, and some of two characters (Ministry of Public Security, 2020). */
const SURNAMES =
  "欧阳|司马|上官|诸葛|[王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向汤]";
const CHINESE_TITLES =
  "先生|女士|小姐|太太|阿姨|叔叔|老师|师傅|爷爷|奶奶|大爷|大妈|经理|总|医生|同学";
const ROOMS = "房间|卧室|书房|屋子|屋|家|床|房|办公室|公寓|别墅|的家|手机|电脑|生日|猫|狗";

/** Who is meant by these is somebody in every home. */
const ANYBODY =
  /^(?:mom|mum|dad|mother|father|master|guest|kid|child|children|baby|boy|girl|parent|grandma|grandpa|cat|dog|pet|today|yesterday|tomorrow|it|that|what|here|there|let|who|he|she|robot|vacuum|user|owner|customer|manufacturer|people|everyone|somebody|one|lidar|sensor|system|driver|host|client|server|device|mapveil|sidecar|women|men|teacher|cook|maid|nanny|men)s?$/i;
const ANYBODY_CHINESE =
  /^(?:主人|孩子|小孩|儿童|老人|父母|爸爸|妈妈|爷爷|奶奶|客人|宝宝|自己|我们|他们|机器人|哥哥|姐姐|弟弟|妹妹|爸妈|用户|客户|女儿|儿子)$/;

/** A name at the end: with a surname, as one calls a child, or alone. */
const CHINESE_NAME = new RegExp(
  `(?:(?:${SURNAMES})\\p{Script=Han}{1,2}|[小阿老]\\p{Script=Han}|(?<!\\p{Script=Han})\\p{Script=Han}{2,3})$`,
  "u",
);

/** Words with a capital that are no family name behind a given one. */
const NO_FAMILY =
  /^(?:The|A|And|Or|I|In|Is|On|At|To|Has|Was|Room|Street|St|Road|Rd|Avenue|Ave|Lane|Drive|Court|Phone|Model|Email|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|January|February|March|April|May|June|July|August|September|October|November|December)$/;

/** A given name, and the family name behind it, if there is one. */
function personAt({ input, index, 0: given }: RegExpExecArray): false | Span {
  const bare = given.normalize("NFD").replaceAll(/\p{M}/gu, "").toLowerCase();
  if (!GIVEN_NAMES.has(bare)) return false;
  const start = index + given.length;
  const rest = input.slice(start, start + 64);
  const more =
    /^(?:[ ](?:\p{Lu}\.|\p{Lu}[\p{L}'-]{1,24}|(?:van|von|de|del|da|di|al)(?=[ ]\p{Lu}))){1,3}/u.exec(
      rest,
    );
  let to = start;
  for (const { 0: word, index: at } of (more?.[0] ?? "").matchAll(/[^ ]+/g)) {
    if (NO_FAMILY.test(word)) break;
    to = start + at + word.length;
  }
  return { from: index, to };
}

export const PEOPLE: readonly Detector[] = [
  byPattern(
    "name",
    /(?<=(?<![\p{L}\d])(?:Mr|Mrs|Ms|Miss|Dr|Prof|Herr|Frau|Mme|Mlle)\.?[ ])\p{Lu}[\p{L}'-]{1,24}(?:[ ]\p{Lu}[\p{L}'-]{1,24}){0,2}/gu,
  ),
  byPattern(
    "name",
    new RegExp(`(?:${SURNAMES})\\p{Script=Han}{0,2}?(?=(?:${CHINESE_TITLES}))`, "gu"),
  ),
  // "Anna's room", "小明的房间".
  byPattern(
    "name",
    /(?<![\p{L}\d'-])\p{Lu}\p{L}{1,24}(?=(?:'s|s')[ ](?:\p{Ll}+[ ])?(?:room|bedroom|bed|study|office|bathroom|desk|house|home|flat|apartment|phone|place|kitchen|nursery|playroom|den|closet|corner|garage|studio))/giu,
    ([found]) => /^\p{Lu}/u.test(found) && !ANYBODY.test(found),
  ),
  byPattern("name", new RegExp(`的(?:${ROOMS})`, "g"), (match) => {
    const found = CHINESE_NAME.exec(before(match, 4))?.[0] ?? "";
    const to = match.index;
    return found !== "" && !ANYBODY_CHINESE.test(found) && { from: to - found.length, to };
  }),
  // A name that everybody knows as one.
  byPattern(
    "name",
    /(?<![\p{L}\d_/@.-])\p{Lu}\p{Ll}{1,14}(?![\p{L}\d_/@]|-\d|\.\p{L})/gu,
    personAt,
  ),
  // Behind what somebody is.
  byPattern(
    "name",
    /(?<=(?<!\p{L})(?:[Cc]ustomer|[Oo]wner|[Cc]ontact|[Tt]enant|[Rr]esident|[Cc]lient|[Rr]ecipient|[Rr]eporter|[Tt]echnician)[ ])\p{Lu}\p{Ll}[\p{L}'-]{0,24}[ ]\p{Lu}[\p{L}'-]{1,24}/gu,
  ),
  // A Chinese name alone, and then a number to call.
  byPattern(
    "name",
    new RegExp(
      `(?<!\\p{Script=Han})(?:${SURNAMES})\\p{Script=Han}{1,2}(?=[，,、 :(（]{1,2}(?:手机|电话|联系电话)?[: ]?\\+?\\d{2,4}[ -]?\\d{4})`,
      "gu",
    ),
  ),
  // Where somebody says or signs a name.
  byPattern(
    "name",
    /(?<=(?:(?<!\p{L})(?:[Mm]y name is|I am called|[Tt]his is|[Rr]egards,|[Ss]incerely,|[Cc]heers,|[Tt]hanks,|[Gg]reetings,?|[Bb]est,|[Yy]ours,|Dear|Hi|Hello|Hey)\s{1,2}))\p{Lu}[\p{L}'-]{1,24}(?:[ ]\p{Lu}[\p{L}'-]{1,24}){0,2}(?=[,.!]|\s*$|\s*\n)/gmu,
    ([found]) => !ANYBODY.test(found) && !/^(?:Team|World|Support|All|There|Sir|Madam)/.test(found),
  ),
  // Behind what somebody is, before what somebody does or has.
  byPattern(
    "name",
    new RegExp(
      `(?<=(?:我叫|我是|名叫|本人|联系人|报修人|收件人|收货人|寄件人|申请人|业主|户主|房主|机主|住户|客户|用户|联系(?!方式|人)|通知|交给)[ ]?)(?:${SURNAMES})\\p{Script=Han}{1,2}?` +
        "(?=[^\\p{Script=Han}]|$|投诉|要求|反映|反馈|报修|来电|申请|表示|电话|手机|的|说|称|住|在|到|家)",
      "gu",
    ),
  ),
  byPattern(
    "birth",
    /(?<!\d)(?:18|19|20)\d\d[-/.年]\d{1,2}(?:[-/.月](?:\d{1,2}日?)?)?(?=[ ]?(?:出生|生人))/g,
  ),
  // Before an address of e-mail in angle brackets (RFC 5322, 3.4).
  byPattern(
    "name",
    /(?<![\p{L}\d])\p{Lu}[\p{L}'-]{1,24}(?:[ ]\p{Lu}[\p{L}'.-]{0,24}){0,3}(?="?[ ]?<[^<>@\s]{1,64}@)/gu,
  ),
];
