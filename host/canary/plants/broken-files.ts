/** Files that every reader refuses, with planted values just where the fault is. */
import type { Planter } from "../planter.ts";
import { type PlantedFile, plantedName } from "./file.ts";

/** Text files by ending; `@` stands for a planted word, `~` for a planted text. */
const TEXTS: readonly (readonly [string, string])[] = [
  [".pcd", "VERSION 0.7\nFIELDS x y @\nSIZE 4 4 @\nTYPE F F @\nPOINTS @\nDATA ascii\n1 2 3\n"],
  [".pcd", "FIELDS x y z\nSIZE 4 4 4\nTYPE F F F\nPOINTS 2\nDATA ascii\n1 2 3\n1 @ ~\n"],
  [".pcd", "FIELDS x y z\nSIZE 4 4 4\nTYPE F F F\nPOINTS 2\nDATA @\n"],
  [".ply", "ply\nformat @ 1.0\n"],
  [".ply", "ply\nformat ascii 1.0\nelement vertex 1\nproperty @ x\nend_header\n"],
  [".ply", "ply\nformat ascii 1.0\nelement @ 1\nproperty float @\nend_header\n@\n"],
  [".ply", "ply\nformat ascii 1.0\n@ ~\n"],
  [
    ".yaml",
    "image: ~\nresolution: 0.05\norigin: [0, 0, 0]\noccupied_thresh: 0.6\nfree_thresh: 0.2\n",
  ],
  [
    ".yaml",
    "image: a.pgm\nresolution: ~\norigin: [~, @, 0]\noccupied_thresh: @\nfree_thresh: 0.2\n",
  ],
  [".yaml", "image: [~\n  @: {\n"],
  [".json", '{"__class":"ValetudoMap","metaData":{"a":"~"},"size":"~","pixelSize":"@"}'],
  [".json", '{"__class":"ValetudoMap","metaData":{"a":"~ @'],
  [".json", '{"beam_altitude_angles":["~"],"udp_profile_lidar":"@","lidar_mode":"~"}'],
  [".clf", "# ~\nFLASER 3 1.0 @ 2.0 0 0 0 0 0 0 1.0 ~ 1.0\n"],
  [".pgm", "P5\n# ~\n@ @\n255\n"],
  [".txt", "~\n@\n"],
  [".veil", "~\n@\n"],
  [".csv", "~,@\n"],
];

/** Settings, policies, keys and poses: what options name. */
const BESIDE: readonly (readonly [string, string])[] = [
  [".policy.yaml", "version: 1\nlevel: @\ntime: ~\nkeep:\n  strings: [@]\n"],
  [
    ".policy.yaml",
    "version: 1\nno_go:\n  areas:\n    - name: ~\n      polygon_m: [[0, 0], [1, @], [0, 1]]\n",
  ],
  [".policy.yaml", "version: 1\nlevel: [~\n"],
  [".policy.yaml", "version: 1\n@: 1\nkeep: { @: 1 }\n"],
  [".sidecar.yaml", "version: 1\nrecipient: ~\nstate_dir: @\nclients:\n  - { name: ~, role: @ }\n"],
  [".sidecar.yaml", "version: 1\nrecipient: a.pub\nuplink: { address: ~, ca: @ }\n"],
  [".receiver.yaml", "version: 1\nlisten: ~\nclients: [{ name: @, certificate: ~ }]\n"],
  [".key.pub", "mapveil-public-key-v1 ~\n"],
  [".key", "~\n@\n"],
  [".poses", "1 0 0 0 0 1 0 0 0 0 1 0\n1 0 @ ~\n"],
];

function filled(planter: Planter, template: string, carrier: string): Buffer {
  const text = template.replaceAll(/[@~]/g, (mark) =>
    mark === "@"
      ? planter.text("nickname", carrier)
      : planter.next(carrier).replaceAll(/[\\"\n]/g, ""),
  );
  return Buffer.from(text);
}

/** Recordings and plans that are none. */
export function brokenFiles(planter: Planter): PlantedFile[] {
  return TEXTS.map(([ending, template]) => ({
    name: plantedName(planter, ending),
    bytes: filled(planter, template, "faults in files"),
    kind: "broken",
  }));
}

/** Files for options, each of which is wrong. The ending says what it should be. */
export function brokenSettings(planter: Planter): PlantedFile[] {
  return BESIDE.map(([ending, template]) => ({
    name: plantedName(planter, ending),
    bytes: filled(planter, template, "faults in settings"),
    kind: "beside",
  }));
}

/** Files that are whole, cut short: the fault is behind what they say of themselves. */
export function cutFiles(planter: Planter, files: readonly PlantedFile[]): PlantedFile[] {
  return files
    .filter(({ kind }) => kind !== "beside")
    .map(({ name, bytes }) => ({
      name: plantedName(planter, name.slice(name.lastIndexOf("."))),
      bytes: bytes.subarray(0, Math.floor(0.6 * bytes.length)),
      kind: "broken",
    }));
}
