import { chmod, mkdtemp, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { formatKey, readPublicKey, readSecretKey, writeKeyPair } from "../../host/keys/index.ts";
import { keyPairOf } from "../../host/keys/recipient-key.ts";
import { errorOf, hex, seededRandom } from "./support.ts";

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "keys-"));
  path = join(folder, "recipient.key");
});

const modeOf = async (file: string) => (await stat(file)).mode & 0o777;

describe("writing a key pair", () => {
  test("gives a secret file for its owner alone and a public file for all", async () => {
    const written = await writeKeyPair(path);
    expect(written.publicPath).toBe(`${path}.pub`);
    expect(await modeOf(path)).toBe(0o600);
    expect(await modeOf(`${path}.pub`)).toBe(0o644);
    expect(await readdir(folder)).toEqual(["recipient.key", "recipient.key.pub"]);
    const pair = await readSecretKey(path);
    expect(pair.publicKey).toEqual(written.publicKey);
    expect(keyPairOf(pair.secretKey).publicKey).toEqual(await readPublicKey(`${path}.pub`));
  });

  test("sets the modes whatever the umask is", async () => {
    const umask = process.umask(0o177);
    try {
      await writeKeyPair(path);
    } finally {
      process.umask(umask);
    }
    expect(await modeOf(path)).toBe(0o600);
    expect(await modeOf(`${path}.pub`)).toBe(0o644);
  });

  test("puts the key id into both files and the secret only into one", async () => {
    const { keyId } = await writeKeyPair(path, seededRandom("file"));
    const [secret, publics] = await Promise.all([
      readFile(path, "utf8"),
      readFile(`${path}.pub`, "utf8"),
    ]);
    expect(secret).toContain(hex(keyId));
    expect(publics).toContain(hex(keyId));
    expect(publics).not.toContain("mapveil-secret");
  });

  test("wipes the secret key that it drew", async () => {
    const random = seededRandom("wipe");
    await writeKeyPair(path, random);
    expect(random.given).toEqual([new Uint8Array(32)]);
  });

  test("never overwrites a secret file, and leaves no public one beside it", async () => {
    await writeFile(path, "precious");
    const error = await errorOf(() => writeKeyPair(path));
    expect(error.code).toBe("IO");
    expect(error.message).toBe(
      `${path} exists already. Keys are never overwritten; move it or name another.`,
    );
    expect(await readFile(path, "utf8")).toBe("precious");
    expect(await readdir(folder)).toEqual(["recipient.key"]);
  });

  test("never overwrites a public file, and leaves no secret one beside it", async () => {
    await writeFile(`${path}.pub`, "precious");
    const error = await errorOf(() => writeKeyPair(path));
    expect(error.message).toContain(`${path}.pub exists already`);
    expect(await readdir(folder)).toEqual(["recipient.key.pub"]);
  });

  test("does not follow a symbolic link", async () => {
    await symlink(join(folder, "elsewhere"), path);
    expect(await errorOf(() => writeKeyPair(path))).toMatchObject({ code: "IO" });
    expect(await readdir(folder)).toEqual(["recipient.key"]);
  });

  test("into a folder that is not there is an IO error that names the file", async () => {
    const error = await errorOf(() => writeKeyPair(join(folder, "none", "k")));
    expect(error.code).toBe("IO");
    expect(error.message).toBe(
      `${join(folder, "none", "k")}: cannot write, there is no such file or folder; ` +
        "check the path (ENOENT).",
    );
  });
});

describe("reading keys", () => {
  test.each([0o640, 0o604, 0o610, 0o666])(
    "a secret file of mode %o is refused with the remedy",
    async (mode) => {
      await writeKeyPair(path);
      await chmod(path, mode);
      const error = await errorOf(() => readSecretKey(path));
      expect(error.code).toBe("CONFIG");
      expect(error.message).toBe(
        `The secret key ${path} has mode 0${mode.toString(8)}, others on this machine may use it. ` +
          `Run: chmod 600 ${path}`,
      );
    },
  );

  test("a secret file that even its owner cannot write is fine", async () => {
    await writeKeyPair(path);
    await chmod(path, 0o400);
    expect((await readSecretKey(path)).secretKey).toHaveLength(32);
  });

  test("a public key is read from its line as from its file", async () => {
    const { publicKey } = await writeKeyPair(path);
    expect(await readPublicKey(formatKey("public", publicKey))).toEqual(publicKey);
    expect(await readPublicKey(`${path}.pub`)).toEqual(publicKey);
  });

  test("the wrong file of the pair is refused, and says which one is needed", async () => {
    await writeKeyPair(path);
    expect((await errorOf(() => readPublicKey(path))).message).toContain("this is a secret key");
    for (const mode of [0o644, 0o600]) {
      await chmod(`${path}.pub`, mode);
      expect((await errorOf(() => readSecretKey(`${path}.pub`))).message).toContain(
        "this is a public key; opening needs the secret one",
      );
    }
  });

  test("a secret line given as text is refused without repeating it", async () => {
    const line = formatKey("secret", new Uint8Array(32).fill(7));
    const error = await errorOf(() => readPublicKey(line));
    expect(error.message).toMatch(
      /^The given text is not a usable public key: this is a secret key/,
    );
    expect(error.message + JSON.stringify(error.details)).not.toContain(line.slice(17));
  });

  test("a missing file and a folder are IO errors that name it", async () => {
    for (const read of [readPublicKey, readSecretKey]) {
      expect((await errorOf(() => read(path))).message).toBe(
        `${path}: cannot read, there is no such file or folder; check the path (ENOENT).`,
      );
      expect(await errorOf(() => read(folder))).toMatchObject({ code: "IO" });
    }
  });

  test("a file over 16 KiB is not a key file", async () => {
    await writeFile(path, "#".repeat(16 * 1024 + 1), { mode: 0o600 });
    for (const read of [readPublicKey, readSecretKey]) {
      const error = await errorOf(() => read(path));
      expect(error).toMatchObject({ code: "CONFIG", message: expect.stringContaining("16 KiB") });
    }
  });
});
