/** All proofs, in the order in which they run. */
import type { Scenario } from "./scenario.ts";
import { clockJump } from "./scenarios/clock-jump.ts";
import { receiverDiskFull, sidecarDiskFull } from "./scenarios/disk-full.ts";
import { receiverFirstStart, sidecarFirstStart } from "./scenarios/first-start.ts";
import { receiverKilled, sidecarKilled } from "./scenarios/killed.ts";
import { linkCut } from "./scenarios/link-cut.ts";
import { lossyLink } from "./scenarios/lossy-link.ts";
import { slowLink } from "./scenarios/slow-link.ts";
import { stalledReceiver } from "./scenarios/stalled-receiver.ts";
import { withdrawals } from "./scenarios/withdrawals.ts";

export const SCENARIOS: readonly Scenario[] = [
  linkCut,
  stalledReceiver,
  slowLink,
  lossyLink,
  clockJump,
  sidecarDiskFull,
  receiverDiskFull,
  withdrawals,
  receiverFirstStart,
  sidecarFirstStart,
  receiverKilled,
  sidecarKilled,
];
