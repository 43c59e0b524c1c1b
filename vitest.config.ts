import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Many tests wait for disks and processes: a worker less than there are cores wastes time.
    maxWorkers: "100%",
  },
});
