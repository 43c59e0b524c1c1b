import fc from "fast-check";
import { expect, test } from "vitest";
import { ROOM_TYPES, type RoomType } from "../../host/formats/plan.ts";
import { roomType } from "../../host/formats/room-types.ts";

const NAMES: Readonly<Record<RoomType, readonly string[]>> = {
  living_room: ["Living Room", "Wohnzimmer", "客厅", "LOUNGE 2", "Family room", "起居室"],
  kitchen: ["Kitchen", "Küche", "Kueche", "KÜCHE", "厨房", "Wohnküche", "Anna's kitchen", "廚房"],
  bedroom: [
    "Bedroom",
    "bedroom 3",
    "Schlafzimmer",
    "Wohn-/Schlafraum",
    "Kinderzimmer Lena",
    "主卧",
    "次卧室",
    "Kids' room",
    "儿童房",
  ],
  bathroom: [
    "Bad",
    "WC",
    "Gäste-WC",
    "Badezimmer",
    "卫生间",
    "主卫",
    "Master bath",
    "Bathroom",
    "Toilet",
  ],
  hall: ["Flur", "Flur ", "Hallway", "走廊", "玄关", "Eingang", "hall", "Hausflur"],
  office: [
    "Office",
    "Study",
    "Arbeitszimmer",
    "Büro",
    "书房",
    "Schreibtisch",
    "home office",
    "Buero",
  ],
  dining_room: ["Dining room", "Essbereich", "Esszimmer", "餐厅", "Dining hall"],
  other: [
    "",
    "Lena",
    "张伟",
    "Room 7",
    "Balkon",
    "Badminton",
    "Newcastle",
    "Robert",
    "Tokyo",
    "x".repeat(1e4),
  ],
};

for (const type of ROOM_TYPES) {
  test(`${type} in three languages`, () => {
    expect(NAMES[type].map((name) => [name, roomType(name)])).toEqual(
      NAMES[type].map((name) => [name, type]),
    );
  });
}

test("whatever people type is one of the types", () => {
  expect(roomType(undefined)).toBe("other");
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 40 }), (name) => {
      expect(ROOM_TYPES).toContain(roomType(name));
    }),
  );
});
