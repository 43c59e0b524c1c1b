/** The threat model is true as far as a test can tell: each claim names the test that holds it. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const PAGE = fileURLToPath(new URL("../../docs/threat-model.md", import.meta.url));
const page = readFileSync(PAGE, "utf8");

interface Claim {
  readonly claim: string;
  readonly title: string;
  readonly file: string;
}

/** Rows of the tables whose last column links to tests: "[title](../test/...)", one or several. */
function claimsOf(text: string): Claim[] {
  return text
    .split("\n")
    .filter((line) => /^\|(?! ?---| ?what holds)/i.test(line))
    .flatMap((line) => {
      const [claim = "", proofs = ""] = line.split("|").slice(1, -1);
      const links = [...proofs.matchAll(/\[([^\]]+)\]\((\.\.\/test\/[^)]+)\)/g)];
      if (links.length === 0) return [{ claim, title: "", file: "" }];
      return links.map(([, title, file]) => ({ claim, title: title!, file: file! }));
    });
}

const claims = claimsOf(page);
const source = (file: string) => readFileSync(join(dirname(PAGE), file), "utf8");

test("there are claims, and each has a test", () => {
  expect(claims.length).toBeGreaterThan(40);
  expect(claims.filter(({ file }) => file === "").map(({ claim }) => claim)).toEqual([]);
});

test("every test that is named is there, under that title", () => {
  const wrong = claims.filter(({ file, title }) => {
    if (!existsSync(join(dirname(PAGE), file))) return true;
    // A test of its own, or a row of a table of tests: the title stands there as a whole string.
    return !source(file).includes(`"${title}"`) && !source(file).includes(`\`${title}\``);
  });
  expect(wrong.map(({ file, title }) => `${file}: ${title}`)).toEqual([]);
});

describe("every attacker", () => {
  const sections = page.split(/^## /m).filter((section) => /^\d+\. /.test(section));

  test("has a section", () => {
    expect(sections.length).toBeGreaterThanOrEqual(8);
  });

  test.each(sections.map((section) => [section.split("\n")[0]!, section] as const))(
    "is told what he sees, what holds and what does not: %s",
    (_, section) => {
      for (const part of ["**Sees.**", "| What holds |", "**Does not hold.**"]) {
        expect(section).toContain(part);
      }
      expect(claimsOf(section).length).toBeGreaterThan(0);
    },
  );
});

test("what the page takes for granted is said", () => {
  expect(page).toMatch(/^## What is taken for granted$/m);
});
