import { existsSync, mkdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { PNG } from "pngjs";
import { beforeAll, describe, expect, it } from "vitest";
import { readPublicKey } from "../../host/keys/index.ts";
import { DEFAULT_POLICY_YAML } from "../../host/policy/index.ts";
import { names, OS1, OS1_META, run, temporaryFolder, write, XT32 } from "./support.ts";

const folder = temporaryFolder();

describe("mapveil", () => {
  it("documents its commands and exit codes", async () => {
    const { exit, out } = await run(folder, "--help");
    expect(exit).toBe(0);
    for (const code of [0, 1, 2, 3, 4, 6, 7, 78, 130]) expect(out).toMatch(RegExp(`\\n  ${code} `));
    expect(out.slice(out.indexOf("Exit codes"))).toMatchSnapshot();
    for (const name of ["keygen", "sanitize", "open", "inspect", "preview", "policy", "start"]) {
      const help = await run(folder, name, "--help");
      expect(help.exit).toBe(0);
      expect(help.out).toMatch(/Examples?:\n {2}mapveil/);
    }
  });

  it("knows its version", async () => {
    const version = JSON.parse(readFileSync("package.json", "utf8")).version;
    expect(await run(folder, "--version")).toMatchObject({ exit: 0, out: `${version}\n` });
  });

  it("suggests what was meant, with exit code 2", async () => {
    expect(await run(folder, "sanitise")).toMatchObject({
      exit: 2,
      out: "",
      err: "mapveil: unknown command 'sanitise' (Did you mean sanitize?). See mapveil --help.\n",
    });
    const option = await run(folder, "inspect", "x", "--jsn");
    expect(option).toMatchObject({ exit: 2 });
    expect(option.err).toContain("Did you mean --json?");
    const missing = await run(folder, "sanitize", XT32, "--json");
    expect(JSON.parse(missing.err).error).toMatchObject({ code: "USAGE", exit: 2 });
    expect((await run(folder)).exit).toBe(2);
    expect((await run(folder, "sanitize", XT32, "--frames", "0")).exit).toBe(2);
  });
});

describe("mapveil keygen", () => {
  it("makes a pair, prints the public half only and overwrites nothing", async () => {
    const made = await run(folder, "keygen");
    expect(made.exit).toBe(0);
    expect(made.out).toMatch(/public key +mapveil-public-1:/);
    expect(made.out).not.toContain("mapveil-secret");
    expect(statSync(join(folder, "recipient.key")).mode & 0o777).toBe(0o600);
    const before = readFileSync(join(folder, "recipient.key"));
    expect((await run(folder, "keygen")).exit).toBe(1);
    expect(readFileSync(join(folder, "recipient.key"))).toEqual(before);
    const other = JSON.parse((await run(folder, "keygen", "-o", "b.key", "--json")).out);
    expect(Object.keys(other)).toEqual([
      "schema",
      "keyId",
      "publicKey",
      "secretPath",
      "publicPath",
    ]);
  });
});

describe("mapveil policy", () => {
  it("prints and writes the starter policy, which it finds sound", async () => {
    expect((await run(folder, "policy", "init")).out).toBe(DEFAULT_POLICY_YAML);
    expect((await run(folder, "policy", "init", "-o", "p.yaml")).exit).toBe(0);
    expect((await run(folder, "policy", "init", "-o", "p.yaml")).exit).toBe(2);
    expect((await run(folder, "policy", "init", "-o", "p.yaml", "--force")).exit).toBe(0);
    expect((await run(folder, "policy", "check", "p.yaml")).out).toContain("sound");
    const checked = JSON.parse((await run(folder, "policy", "check", "p.yaml", "--json")).out);
    expect(checked).toMatchObject({ schema: 1, level: "frames", kept: [] });
  });

  it("names every fault of a policy, with exit code 78", async () => {
    write(folder, "bad.yaml", "version: 1\nleaf_m: 99\nposs: drop\n");
    const ran = await run(folder, "policy", "check", "bad.yaml");
    expect(ran).toMatchObject({ exit: 78, out: "" });
    expect(ran.err).toContain(":2:");
    expect(ran.err).toContain("did you mean pose?");
    const empty = "level: map\nmap: {people: slice}\ncrop: {height_m: [0, 2]}";
    write(folder, "map.yaml", `version: 1\n${empty}\n`);
    expect((await run(folder, "policy", "check", "map.yaml")).exit).toBe(78);
  });

  it("explains a policy in words and as data, and prints its schema", async () => {
    expect((await run(folder, "policy", "explain")).out).toContain("What never leaves");
    const data = JSON.parse((await run(folder, "policy", "explain", "--json")).out);
    expect(data).toMatchObject({ schema: 2, level: "frames" });
    expect(JSON.parse((await run(folder, "policy", "schema")).out).title).toBe("Mapveil policy");
  });

  it("compiles terms for firmware: level, recipient and key id, digest, policy", async () => {
    const { keyId } = JSON.parse((await run(folder, "keygen", "-o", "robot.key", "--json")).out);
    const compile = (policy: string) =>
      run(folder, "policy", "compile", policy, "-o", "robot.terms", "--to", "robot.key.pub");
    write(folder, "areas.yaml", "version: 1\nlevel: full\nleaf_m: 0.25\n");
    const ran = await compile("areas.yaml");
    expect(ran).toMatchObject({ exit: 0, out: "" });
    expect(ran.err).toContain(`level full, for key ${keyId}`);
    const terms = readFileSync(join(folder, "robot.terms"));
    const key = await readPublicKey(join(folder, "robot.key.pub"));
    const checked = JSON.parse((await run(folder, "policy", "check", "areas.yaml", "--json")).out);
    expect(terms.toString("latin1", 0, 4)).toBe("MVR\x01");
    expect([4, 8, 12].map((at) => terms.readUInt32LE(at))).toEqual([4, 80, 0]);
    expect(terms.subarray(16, 48)).toEqual(Buffer.from(key));
    expect(terms.toString("hex", 48, 56)).toBe(keyId);
    expect(terms.toString("hex", 56, 88)).toBe(checked.digest);
    expect([terms.length, terms.readFloatLE(88)]).toEqual([168, 0.25]);
    // Terms are not replaced by mistake, and there are none under which nothing leaves.
    expect((await compile("areas.yaml")).exit).toBe(2);
    rmSync(join(folder, "robot.terms"));
    write(folder, "nothing.yaml", "version: 1\nlevel: nothing\n");
    expect((await compile("nothing.yaml")).err).toContain("no frame leaves");
    expect(existsSync(join(folder, "robot.terms"))).toBe(false);
  });
});

describe("mapveil preview", () => {
  it("draws a frame; the file is for its owner", async () => {
    const ran = await run(folder, "preview", XT32, "-o", "xt.png", "--json");
    expect(JSON.parse(ran.out)).toMatchObject({ frame: 1, pointsIn: 63021, voxels: 11650 });
    const png = PNG.sync.read(readFileSync(join(folder, "xt.png")));
    expect([png.width, png.height]).toEqual([1600, 1000]);
    expect(statSync(join(folder, "xt.png")).mode & 0o777).toBe(0o600);
  });

  it("takes any frame of a recording, and says if there is none", async () => {
    const input = [OS1, "--metadata", OS1_META];
    expect((await run(folder, "preview", ...input, "-o", "3.png", "--frame", "3")).exit).toBe(0);
    const none = await run(folder, "preview", ...input, "-o", "4.png", "--frame", "4");
    expect(none).toMatchObject({ exit: 2 });
    expect(none.err).toContain("has 3 frames");
    expect((await run(folder, "preview", XT32, "-o", "x.jpg")).exit).toBe(2);
    expect((await run(folder, "preview", XT32, "-o", "xt.png")).exit).toBe(2);
    expect(names(folder)).not.toContain("4.png");
  });
});

describe("mapveil start", () => {
  let told = "";
  let toldEdited = "";
  const home = temporaryFolder();
  const demo = join(home, "demo");
  const edited = (lines: string) =>
    `version: 1\nleaf_m: 0.2\ncrop: { range_m: [1, 20] }\n${lines}\n`;
  beforeAll(async () => {
    mkdirSync(demo);
    const policy = edited("pose: session\npoint: centroid\nkeep: { strings: [sensor_model] }");
    write(demo, "policy.yaml", policy);
    const first = await run(home, "start");
    expect(first).toMatchObject({ exit: 0, err: "" });
    toldEdited = first.out;
    expect(readFileSync(join(demo, "policy.yaml"), "utf8")).toBe(policy);
    rmSync(join(demo, "policy.yaml"));
    const again = await run(home, "demo");
    expect(again.exit).toBe(0);
    told = again.out;
    expect(names(demo)).toEqual([
      "certificates",
      "frame.veil",
      "opened.pcd",
      "policy.yaml",
      "preview.png",
      "receiver",
      "receiver.yaml",
      "recipient.key",
      "recipient.key.pub",
      "robot",
      "sidecar.yaml",
    ]);
  });

  it("goes the whole way and checks itself", () => {
    const flat = told.replaceAll(/\s+/g, " ");
    expect(flat).toContain("The robot pushes a frame: refused, LOCAL_USE_OFF.");
    expect(flat).toContain("3 artefacts in its list.");
    expect(flat).toContain("cell by cell those of the frame");
    expect(flat).toContain("Another key is refused: ");
    expect(flat).toContain("One flipped bit is refused: ");
    expect(flat).toContain("The owner withdraws: 3 artefacts destroyed");
    expect(flat).toContain(
      "8 captured = 3 uploaded + 0 spooled + 5 refused (1 LOCAL_USE_OFF, 1 UPLOAD_OFF, 3 WITHDRAWN)",
    );
    expect(flat).toMatch(/: 0 found\. The same search finds [1-9]/);
  });

  it("says and draws what stays at home", () => {
    expect(told).toContain("No-go area private yard: no point in it at any height");
    expect(told).toContain("farther than 40 m are dropped");
    const [, noGo, range] = told.match(
      /Red there: the points that stayed at home, ([\d,]+) in no-go areas, ([\d,]+) by range/,
    )!;
    expect(Number(noGo!.replace(",", ""))).toBeGreaterThan(10_000);
    expect(Number(range!.replace(",", ""))).toBeGreaterThan(1_000);
    const drawn = PNG.sync.read(readFileSync(join(home, "demo/preview.png")));
    const red = [0, 0];
    for (let i = 0; i < drawn.data.length; i += 4) {
      const [r, g, b] = drawn.data.subarray(i, i + 3) as unknown as [number, number, number];
      if (r > 120 && g < r / 3 && b < r / 2)
        red[2 * ((i / 4) % drawn.width) < drawn.width ? 0 : 1]!++;
    }
    expect(red[0]).toBeGreaterThan(5000);
    expect(red[1]).toBe(0);
    const shown = PNG.sync.read(readFileSync("docs/preview.png"));
    expect([shown.width, shown.height]).toEqual([drawn.width, drawn.height]);
  });

  it("runs under the policy as its reader edits it", () => {
    expect(toldEdited).toContain("voxels of 20 cm, turned by a secret amount");
    expect(toldEdited).toContain("stripped      capture time, serial number");
  });

  it.runIf(process.env.MAPVEIL_LONG === "1")(
    "runs under a policy that lets all leave",
    async () => {
      write(demo, "policy.yaml", edited("level: full\npose: keep"));
      const ran = await run(home, "start");
      expect(ran).toMatchObject({ exit: 0, err: "" });
      expect(ran.out).toContain("voxels of 20 cm, cell by cell those of the frame");
    },
  );

  it("names the fault of an edited policy", async () => {
    write(demo, "policy.yaml", "version: 1\nleaf: 0.2\n");
    const ran = await run(home, "start");
    expect(ran.exit).toBe(78);
    expect(ran.err).toContain("did you mean leaf_m?");
  });

  it("prints nothing that identifies the sensor", () => {
    const metadata = JSON.parse(readFileSync(OS1_META, "utf8"));
    for (const key of ["prod_sn", "prod_pn", "image_rev", "build_rev", "prod_line"]) {
      expect(metadata[key]).toBeTruthy();
      expect(told).not.toContain(String(metadata[key]));
    }
    expect(told).not.toMatch(/\d+\.\d+\.\d+\.\d+|\d\d:\d\d:\d\d/);
  });
});
