/** Plans of a home: the map of a robot cleaner, and the image and YAML of a map server. */
import type { Planter } from "../planter.ts";
import { oneLine, type PlantedFile, plantedName } from "./file.ts";

/** Edge of the plan in cells of 5 cm. */
const CELLS = 120;

/** Three rooms beside each other with a wall around all. */
function layers(planter: Planter): object[] {
  const runs = (x: number, width: number) =>
    Array.from({ length: CELLS - 2 }, (_, y) => [x, y + 1, width]).flat();
  const wall = [0, CELLS - 1].flatMap((y) => [0, y, CELLS]);
  const names = ["room", "room_han", "person"].map((id) => planter.text(id, "names of rooms"));
  return [
    { __class: "MapLayer", type: "wall", metaData: {}, compressedPixels: wall, pixels: [] },
    ...names.map((name, i) => ({
      __class: "MapLayer",
      type: "segment",
      metaData: { segmentId: planter.text("user_id", "ids of rooms"), name, area: 4000 },
      pixels: [],
      compressedPixels: runs(1 + 39 * i, 38),
    })),
  ];
}

export function plantedValetudo(planter: Planter): PlantedFile {
  const carrier = "metadata of a cleaner's map";
  const texts = planter.texts(carrier);
  const facts = Object.fromEntries(texts.map((text, i) => [`key${i}`, text]));
  const path = Array.from({ length: 60 }, (_, i) => [40 + 8 * i, 200 + 3 * i]).flat();
  const map = {
    __class: "ValetudoMap",
    metaData: { version: 2, vendorMapId: planter.text("house_plan", carrier), ...facts },
    size: { x: 5 * CELLS, y: 5 * CELLS },
    pixelSize: 5,
    layers: layers(planter),
    entities: [
      {
        type: "charger_location",
        metaData: { id: planter.text("mac", carrier) },
        points: [50, 50],
      },
      { type: "path", metaData: {}, points: path },
      {
        type: "obstacle",
        metaData: {
          label: planter.text("person_han", carrier),
          image: planter.text("photo", carrier),
        },
        points: [300, 300],
      },
    ],
  };
  const bytes = Buffer.from(JSON.stringify(map));
  return { name: plantedName(planter, ".json"), bytes, kind: "plan" };
}

/** The YAML, and the picture that it names. */
export function plantedMapServer(planter: Planter): PlantedFile[] {
  const image = plantedName(planter, ".pgm");
  const origin = ["whereabouts", "whereabouts"].map((id) => planter.value(id, "origin of a map"));
  const comments = planter.texts("comments of YAML").filter(oneLine);
  const facts = planter.texts("keys of YAML").filter(oneLine);
  const yaml = [
    ...comments.map((text) => `# ${text}`),
    `image: ${JSON.stringify(image)}`,
    "resolution: 0.05",
    `origin: [${origin.join(", ")}, 0]`,
    "negate: 0",
    "occupied_thresh: 0.65",
    "free_thresh: 0.25",
    ...facts.map((text, i) => `key${i}: ${JSON.stringify(text)}`),
  ].join("\n");
  const notes = planter.texts("comments of PGM").filter(oneLine).slice(0, 100);
  const head = ["P5", ...notes.map((text) => `# ${text}`), `${CELLS} ${CELLS}`, "255\n"].join("\n");
  const pixels = Buffer.alloc(CELLS * CELLS, 254);
  for (let i = 0; i < CELLS; i++) {
    for (const at of [i, CELLS * i, CELLS * i + CELLS - 1, CELLS * (CELLS - 1) + i]) pixels[at] = 0;
  }
  return [
    { name: plantedName(planter, ".yaml"), bytes: Buffer.from(yaml), kind: "plan" },
    { name: image, bytes: Buffer.concat([Buffer.from(head), pixels]), kind: "beside" },
  ];
}
