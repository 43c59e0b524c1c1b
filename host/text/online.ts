/** E-mail addresses, URLs, and the names of users in paths. */
import { byPattern, type Detector } from "./detector.ts";

const LABEL = "[\\p{L}\\d](?:[\\p{L}\\d-]{0,61}[\\p{L}\\d])?";

/** Left of the "@" of an address only these count, so that Chinese words before one stay. */
const ASCII_LOCAL = /[0-9A-Za-z\u00c0-\u024f.!#$%&'*+=?^_{|}~-]{1,64}$/;

/** As of pictures for screens with more pixels: logo@2x.png. */
const FILE = /\.(?:png|jpe?g|gif|svg|webp|js|mjs|css|json|yaml|html?|so|deb|tgz|zip|ts)$/i;

const EMAILS: readonly Detector[] = [
  // RFC 5321, 4.1.2: Mailbox with a Dot-string or a Quoted-string, and a Domain with a dot or a literal.
  byPattern(
    "email",
    new RegExp(
      `@(?:(?:${LABEL}\\.){1,8}\\p{L}[\\p{L}\\d-]{1,62}|\\[[0-9A-Fa-f:.IPv]{2,45}\\])`,
      "gu",
    ),
    (match) => {
      const left = match.input.slice(Math.max(0, match.index - 66), match.index);
      const local = /"[^"\n]{1,62}"$/.exec(left) ?? ASCII_LOCAL.exec(left);
      if (local === null) return false;
      // User and password of a URL.
      if (/:\/\/[^\s/?#]*$/.test(left)) return false;
      // The sign before a local part is often that of a key or a quote.
      const from = match.index - local[0].replace(/^[='{|.!#$%&*?^-]+/, "").length;
      const domain = match[0].replace(/[\u2e80-\u9fff].*$/su, "");
      return (
        from < match.index &&
        domain.includes(".") &&
        !FILE.test(domain) && { from, to: match.index + domain.length }
      );
    },
  ),
];

const URLS: readonly Detector[] = [
  // User and password (RFC 3986, 3.2.1).
  byPattern("url", /(?<=[A-Za-z][A-Za-z0-9+.-]{1,12}:\/\/)[^\s/?#@"'<>]{1,256}(?=@)/g),
  // Query (3.4) and fragments that hold one: what stands behind the first "?".
  byPattern(
    "url",
    /(?<=[A-Za-z][A-Za-z0-9+.-]{1,12}:\/\/[^\s?#"'<>]{1,512}(?:\?|#(?=[\w.-]{1,64}=)))[^\s"'<>)\]，。；、！）】]{1,2048}/g,
    (match) => ({
      from: match.index,
      // What closes the sentence or the bracket is not of the URL.
      to: match.index + Math.max(1, match[0].replace(/[.,;:!?)\]}]{1,4}$/, "").length),
    }),
  ),
];

/** Users that systems make for themselves and not for people. */
export const SERVICE_USERS = new Set(
  (
    "root admin administrator nobody daemon www-data ros ros2 robot ubuntu debian pi user guest public " +
    "default shared system all users jovyan runner node mapveil vagrant ec2-user"
  ).split(" "),
);

const isPerson = ([found]: RegExpExecArray) => !SERVICE_USERS.has(found.toLowerCase());

const PATHS: readonly Detector[] = [
  byPattern(
    "account",
    /(?<=(?:^|[^0-9A-Za-z_.-])(?:\/var)?\/(?:home|Users|export\/home|media|var\/mail|var\/spool\/mail|mnt\/[a-z]\/Users|[a-z]\/Users)\/)[^\s/\\:"'<>|*?,;)\]}]{1,64}/gu,
    isPerson,
  ),
  // Windows names may have spaces inside, where a backslash follows.
  byPattern(
    "account",
    /(?<=[A-Za-z]:[\\/]{1,2}(?:Users|Documents and Settings|用户)[\\/]{1,2})(?:[^\\/:*?"<>|\n]{1,40}(?=[\\/])|[^\s\\/:*?"<>|,;)\]}]{1,40})/giu,
    isPerson,
  ),
  byPattern("account", /(?<=(?:^|[\s"'=:(])~)[a-z_][a-z0-9_-]{1,31}(?=\/)/gm, isPerson),
  // A prompt, or a place for ssh and scp: user, computer, path.
  byPattern(
    "account",
    /(?<![0-9A-Za-z_.@-])[a-z_][a-z0-9_-]{0,31}@[A-Za-z][0-9A-Za-z-]{1,62}(?=:[~/]|[\])\s]*[$#>] )/g,
  ),
];

export const ONLINE: readonly Detector[] = [...EMAILS, ...URLS, ...PATHS];
