/** Commands on planted files: whole ones, cut ones and broken ones. */
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { extname, join } from "node:path";
import type { Planter } from "../../canary/planter.ts";
import { brokenFiles, brokenSettings, cutFiles } from "../../canary/plants/broken-files.ts";
import { plantedPcd, plantedPly } from "../../canary/plants/cloud-files.ts";
import type { PlantedFile } from "../../canary/plants/file.ts";
import { plantedOuster } from "../../canary/plants/ouster-files.ts";
import { plantedMapServer, plantedValetudo } from "../../canary/plants/plan-files.ts";
import { plantedBag, plantedMcap } from "../../canary/plants/ros-files.ts";
import { writeKeyPair } from "../../keys/index.ts";
import { DEMO_FILES } from "../demo/files.ts";
import { printed, type RunCommand } from "./printed.ts";
import { addArtefact, type Stage } from "./stage.ts";

const PRIVATE = { mode: 0o600 };

/** Every file that is planted, one of each format. */
async function allFiles(planter: Planter): Promise<PlantedFile[]> {
  const whole = [
    plantedPcd(planter),
    plantedPly(planter),
    await plantedMcap(planter),
    plantedBag(planter),
    ...plantedOuster(planter),
    plantedValetudo(planter),
    ...plantedMapServer(planter),
  ];
  return [...whole, ...cutFiles(planter, whole), ...brokenFiles(planter)];
}

/** Variables of an environment, as those of a robot that tells much. */
export function plantedEnvironment(planter: Planter): Record<string, string> {
  const carrier = "environment";
  const names = ["HOSTNAME", "USER", "LOGNAME", "WIFI_PSK", "API_TOKEN", "HOME"];
  const texts = planter.texts(carrier).filter((text) => !text.includes("\0"));
  const entries = names.map((name) => [name, planter.next(carrier)] as const);
  const others = texts.map((text, i) => [`PLANTED_${i}`, text] as const);
  return Object.fromEntries([...entries, ...others]);
}

/** Writes planted files, runs every command on them and adds what it prints and writes. */
export async function goWithFiles(stage: Stage, run: RunCommand): Promise<void> {
  const { planter, folder, tell } = stage;
  tell("writing planted files");
  const inputs = join(folder, "inputs");
  const outputs = join(folder, "outputs");
  for (const path of [inputs, outputs]) await mkdir(path, { mode: 0o700 });
  const key = join(folder, DEMO_FILES.key);
  await writeKeyPair(key);
  const files = await allFiles(planter);
  const settings = brokenSettings(planter);
  for (const { name, bytes } of [...files, ...settings]) {
    await writeFile(join(inputs, name), bytes, PRIVATE);
  }
  const commands = new Commands(stage, run, { inputs, outputs, key });
  for (const file of files) {
    if (file.kind === "beside") continue;
    tell(`commands on a ${file.kind === "broken" ? "broken " : ""}${extname(file.name)} file`);
    await commands.onFile(file);
  }
  tell("commands with wrong settings");
  for (const { name } of settings) await commands.onSettings(name);
  await commands.finish();
}

interface Places {
  readonly inputs: string;
  readonly outputs: string;
  readonly key: string;
}

class Commands {
  readonly #stage: Stage;
  readonly #run: RunCommand;
  readonly #places: Places;
  readonly #environment: Record<string, string>;
  #count = 0;
  #printed = "";

  constructor(stage: Stage, run: RunCommand, places: Places) {
    this.#stage = stage;
    this.#run = run;
    this.#places = places;
    this.#environment = plantedEnvironment(stage.planter);
  }

  async onFile({ name, kind }: PlantedFile): Promise<void> {
    const input = join(this.#places.inputs, name);
    const to = ["--to", `${this.#places.key}.pub`];
    const out = (ending: string) => ["-o", join(this.#places.outputs, `${++this.#count}${ending}`)];
    if (kind === "plan") {
      await this.#command("map", input, ...to, ...out(".veil"), "--json");
      return;
    }
    const more = ["--in-map-frame", "--partial"];
    await this.#command("sanitize", input, ...to, ...out(".veil"), "--json");
    await this.#command("map", input, ...to, ...out(".veil"), ...more, "--rate", "10");
    await this.#command("preview", input, ...out(".png"), "--json");
    if (kind === "broken") {
      await this.#command("inspect", input);
      await this.#command("open", input, "--key", this.#places.key, ...out(".pcd"), "--json");
    }
  }

  async onSettings(name: string): Promise<void> {
    const { inputs, outputs, key } = this.#places;
    const path = join(inputs, name);
    const input = join(inputs, (await readdir(inputs)).find((one) => one.endsWith(".ply"))!);
    const out = ["-o", join(outputs, "never.veil")];
    if (name.endsWith(".policy.yaml")) {
      await this.#command("policy", "explain", path);
      await this.#command("sanitize", input, "--to", `${key}.pub`, ...out, "--policy", path);
    } else if (name.endsWith(".sidecar.yaml")) {
      await this.#command("sidecar", "validate", "--config", path, "--json");
      await this.#command("doctor", "--config", path);
    } else if (name.endsWith(".receiver.yaml")) {
      await this.#command("receiver", "validate", "--config", path);
    } else if (name.endsWith(".poses")) {
      await this.#command("sanitize", input, "--to", `${key}.pub`, ...out, "--poses", path);
    } else await this.#command("sanitize", input, "--to", path, ...out);
  }

  /** Opens and adds what was written. */
  async finish(): Promise<void> {
    const { surfaces, tell } = this.#stage;
    const { outputs, key } = this.#places;
    surfaces.text("printed", "output of commands", this.#printed);
    tell("what the commands wrote");
    for (const name of await readdir(outputs)) {
      const path = join(outputs, name);
      if (!name.endsWith(".veil")) {
        // Pixels take every value: numbers of four bytes are found there by chance.
        surfaces.add("written", { name, bytes: await readFile(path), isCiphertext: true });
        continue;
      }
      await addArtefact(this.#stage, path, name);
      const cloud = join(outputs, `${name}.ply`);
      await this.#command("open", path, "--key", key, "-o", cloud, "--json");
      await this.#command("inspect", path, "--json");
    }
    for (const name of await readdir(outputs)) {
      if (!name.endsWith(".ply")) continue;
      surfaces.add("written", { name, bytes: await readFile(join(outputs, name)) });
    }
    surfaces.text("written", "names of files", (await readdir(outputs)).join("\n"));
  }

  async #command(...argv: string[]): Promise<void> {
    const terms = { cwd: this.#places.outputs, environment: this.#environment };
    this.#printed += await printed(this.#run, argv, terms);
  }
}
