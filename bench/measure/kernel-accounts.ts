/** What the kernel's books say of processes and of the machine. Linux only. */
import { readdirSync, readFileSync } from "node:fs";

/** Ticks of the kernel's accounts a second: fixed in what Linux shows to programs. */
const TICKS_PER_S = 100;
const NS_PER_S = 1e9;

/** Seconds of processor time that a process and its threads have used, ended ones included. */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  // Behind the name, which may hold anything: state is field 3, utime 14, stime 15.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_S;
}

/**
 * Resident memory of its own in MiB: without files that are mapped, since the kernel shows the pages
 * of the spool's file that it happens to keep as the process's too.
 */
export function residentMib(pid: number): number {
  const kib = /RssAnon:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1];
  return Number(kib) / 1024;
}

export interface ThreadTime {
  /** That of the main thread is the process's id. */
  readonly tid: number;
  /** Seconds on a processor. */
  readonly runS: number;
  /** Seconds in which it could have run and waited for a processor. */
  readonly waitS: number;
}

/** Threads of a process that are there now. */
export function threadTimes(pid: number): ThreadTime[] {
  return readdirSync(`/proc/${pid}/task`).map((tid) => {
    const [run, wait] = readFileSync(`/proc/${pid}/task/${tid}/schedstat`, "latin1").split(" ");
    return { tid: Number(tid), runS: Number(run) / NS_PER_S, waitS: Number(wait) / NS_PER_S };
  });
}

export interface MachineTime {
  /** Seconds that all processors worked, for whomever. */
  readonly busyS: number;
  /** Seconds that the hypervisor gave to other machines while something wanted to run here. */
  readonly stealS: number;
}

/** Since the machine started. */
export function machineTime(): MachineTime {
  const line = readFileSync("/proc/stat", "latin1").split("\n", 1)[0]!;
  const [user, nice, system, , , irq, softirq, steal] = line.trim().split(/\s+/).slice(1);
  const ticks = [user, nice, system, irq, softirq].reduce((sum, value) => sum + Number(value), 0);
  return { busyS: ticks / TICKS_PER_S, stealS: Number(steal) / TICKS_PER_S };
}
