/** Nothing younger than the hold-back leaves: a sample of what hold-back.proof.ts does in full. */
import { expect, test, vi } from "vitest";
import { runLadder } from "./hold-back.ts";
import { Seeded } from "./support.ts";

// Cores are run warm for speed alone, and these tests start many.
vi.mock("../../host/veil/warm-up.ts", () => ({ warmUp: async () => {} }));

test.each([0, 1, 1000, 10_000])(
  "of scans at random times none leaves before %i ms, and each does then",
  async (holdMs) => {
    const { released, wrong } = await runLadder(new Seeded(1300 + holdMs), 300, holdMs);
    expect(wrong).toEqual([]);
    expect(released).toBeGreaterThan(0);
  },
);
