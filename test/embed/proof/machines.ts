/** The machines of the proof: how programs are made for them, and how they run here. */
import type { Tool } from "./tools.ts";

export interface Machine {
  readonly name: string;
  /** Variables of host/embed/example/Makefile. */
  readonly make: readonly string[];
  readonly tools: readonly Tool[];
  readonly nm: string;
  /** The command that runs a program with these arguments. */
  command(program: string, args: readonly string[]): readonly [string, ...string[]];
}

const X86: Machine = {
  name: "x86-64",
  make: [],
  tools: ["gcc", "make", "nm", "/usr/include/stdio.h"],
  nm: "nm",
  command: (program, args) => [program, ...args],
};

/** A Linux of another processor, by qemu's user mode. */
function linux(name: string, prefix: string, qemu: Tool, tools: readonly Tool[]): Machine {
  return {
    name,
    // Static, so that no library of the other machine is needed here.
    make: [`CC=${prefix}-gcc`, `AR=${prefix}-ar`, "LDFLAGS=-static"],
    tools: ["make", qemu, ...tools],
    nm: `${prefix}-nm`,
    command: (program, args) => [qemu, program, ...args],
  };
}

/** A microcontroller on a board of qemu's, which counts instructions and so is the same every time. */
function board(name: string, machine: string): Machine {
  return {
    name,
    make: [`BOARD=${machine}`],
    tools: [
      "make",
      "arm-none-eabi-gcc",
      "/usr/lib/arm-none-eabi/newlib/nano.specs",
      "qemu-system-arm",
    ],
    nm: "arm-none-eabi-nm",
    command: (program, args) => {
      const words = ["program", ...args].map((word) => `arg=${word}`);
      const semihosting = ["enable=on", "target=native", ...words].join(",");
      const quiet = ["-nographic", "-monitor", "none", "-serial", "none"];
      const run = ["-M", machine, ...quiet, "-icount", "shift=0"];
      return ["qemu-system-arm", ...run, "-semihosting-config", semihosting, "-kernel", program];
    },
  };
}

const M7 = board("cortex-m7", "mps2-an500");
const M4 = board("cortex-m4", "mps2-an386");

export const MACHINES = {
  x86: X86,
  aarch64: linux("aarch64", "aarch64-linux-gnu", "qemu-aarch64", [
    "aarch64-linux-gnu-gcc",
    "/usr/aarch64-linux-gnu/include/stdio.h",
  ]),
  armhf: linux("armhf", "arm-linux-gnueabihf", "qemu-arm", [
    "arm-linux-gnueabihf-gcc",
    "/usr/arm-linux-gnueabihf/include/stdio.h",
  ]),
  m7: M7,
  m4: M4,
} as const;

export const ALL_MACHINES: readonly Machine[] = Object.values(MACHINES);
export const BOARDS: readonly Machine[] = [M7, M4];

/** Where these boards have the 16 MiB that larger programs than a microcontroller's need. */
const LARGE_MEMORY: ReadonlyMap<Machine, string> = new Map([
  [M7, "0x60000000"],
  [M4, "0x21000000"],
]);

/** Variables for a program on a board that is larger than what the linker script allows. */
export function largeMemory(machine: Machine): readonly string[] {
  const origin = LARGE_MEMORY.get(machine);
  if (origin === undefined) return [];
  const sizes = { ram_origin: origin, ram_bytes: "0x1000000", flash_bytes: "0x400000" };
  const flags = Object.entries(sizes).map(([name, value]) => `-Wl,--defsym=${name}=${value}`);
  return [`LDFLAGS=${flags.join(" ")}`];
}
