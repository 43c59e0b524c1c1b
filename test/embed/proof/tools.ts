/** The tools that the proof calls, and the Debian packages that they come from. */
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

const PACKAGES = {
  gcc: "gcc",
  make: "make",
  nm: "binutils",
  valgrind: "valgrind",
  "wasm-interp": "wabt",
  "aarch64-linux-gnu-gcc": "gcc-aarch64-linux-gnu",
  "qemu-aarch64": "qemu-user",
  "arm-linux-gnueabihf-gcc": "gcc-arm-linux-gnueabihf",
  "qemu-arm": "qemu-user",
  "arm-none-eabi-gcc": "gcc-arm-none-eabi",
  "qemu-system-arm": "qemu-system-arm",
  strace: "strace",
  /* Files, not commands. */
  "/usr/include/stdio.h": "libc6-dev",
  "/usr/include/sodium.h": "libsodium-dev",
  "/usr/aarch64-linux-gnu/include/stdio.h": "libc6-dev-arm64-cross",
  "/usr/arm-linux-gnueabihf/include/stdio.h": "libc6-dev-armhf-cross",
  "/usr/lib/arm-none-eabi/newlib/nano.specs": "libnewlib-arm-none-eabi",
} as const;
export type Tool = keyof typeof PACKAGES;

/** Either place of newlib's specs, which depends on the release. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  "/usr/lib/arm-none-eabi/newlib/nano.specs": "/usr/lib/arm-none-eabi/lib/nano.specs",
};

function isThere(tool: Tool): boolean {
  if (tool.startsWith("/")) return existsSync(tool) || existsSync(ELSEWHERE[tool] ?? tool);
  return (process.env.PATH ?? "").split(delimiter).some((folder) => existsSync(join(folder, tool)));
}

/** Debian packages of those tools that are not here. */
export function missingPackages(tools: readonly Tool[]): string[] {
  return [...new Set(tools.filter((tool) => !isThere(tool)).map((tool) => PACKAGES[tool]))];
}
