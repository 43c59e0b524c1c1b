/** What people call their rooms, reduced to a type: names say who lives there, so they never leave. */
import type { RoomType } from "./plan.ts";

/**
 * Words of English, German and Chinese for each type, as they are after `plain`. Those of up to three
 * Latin letters count only as a whole word ("wc", not the middle of "Newcastle"), the others also as
 * the beginning or the end of one, for German puts words together. The first type that fits counts:
 * what is rare in other names stands first ("master bath" is a bath, "Wohnküche" a kitchen). Whose
 * room it is makes no type: "Kinderzimmer" is a bedroom like any other.
 */
const WORDS: readonly (readonly [RoomType, string])[] = [
  [
    "bathroom",
    "bath, bathroom, restroom, washroom, toilet, lavatory, shower, ensuite, wc, " +
      "bad, badezimmer, duschbad, dusche, toilette, klo, waschraum, " +
      "卫生间, 浴室, 厕所, 洗手间, 卫浴, 淋浴, 盥洗, 主卫, 客卫, 次卫, 公卫, 衛生間, 廁所, 洗手間, 衛浴",
  ],
  ["kitchen", "kitchen, kitchenette, kuche, kueche, 厨, 廚, 灶"],
  [
    "dining_room",
    "dining, breakfast, esszimmer, essbereich, essecke, speisezimmer, 餐厅, 餐廳, 饭厅, 飯廳, 餐区",
  ],
  [
    "office",
    "office, study, workroom, workspace, desk, buro, buero, arbeitszimmer, homeoffice, " +
      "schreibtisch, 书房, 書房, 办公, 辦公, 工作室",
  ],
  [
    "living_room",
    "living, lounge, family room, sitting room, drawing room, wohnzimmer, wohnbereich, wohnraum, " +
      "wohnen, stube, 客厅, 客廳, 起居, 大厅, 大廳",
  ],
  [
    "bedroom",
    "bed, bedroom, nursery, guest room, kids room, childrens room, child room, schlafzimmer, " +
      "schlafraum, kinderzimmer, gastezimmer, gaestezimmer, jugendzimmer, babyzimmer, " +
      "卧, 臥, 睡房, 儿童房, 兒童房, 客房, 主人房, 婴儿房, 老人房",
  ],
  [
    "hall",
    "hall, hallway, corridor, entrance, entryway, entry, foyer, landing, passage, " +
      "flur, diele, korridor, eingang, vorzimmer, 走廊, 玄关, 玄關, 过道, 過道, 门厅, 門廳, 走道",
  ],
];

/** Longest name that is looked at: people type less, files could say more. */
const NAME_CHARACTERS_MAX = 128;

/** Lower case, without accents, apostrophes and signs: "Küche 2" is "kuche". */
function plain(name: string): string {
  return name
    .slice(0, NAME_CHARACTERS_MAX)
    .normalize("NFKD")
    .replaceAll(/[\p{M}'’]/gu, "")
    .toLowerCase()
    .replaceAll(/[^\p{L}]+/gu, " ")
    .trim();
}

/** Finds any of the words of a type in a text that `plain` made. */
function finder(words: string): RegExp {
  const places = words.split(", ").map((word) => {
    if (/\p{Script=Han}/u.test(word)) return word;
    const [starts, ends] = [`(?<![^ ])${word}`, `${word}(?![^ ])`];
    return word.length <= 3 ? `(?<![^ ])${ends}` : `${starts}|${ends}`;
  });
  return new RegExp(places.join("|"), "u");
}

const FINDERS = WORDS.map(([type, words]) => [type, finder(words)] as const);

/** Type of a room by its name; "other" where the name is missing, or tells none of the types. */
export function roomType(name: string | undefined): RoomType {
  if (name === undefined) return "other";
  const text = plain(name);
  return FINDERS.find(([, words]) => words.test(text))?.[0] ?? "other";
}
