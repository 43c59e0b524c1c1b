/** What every scenario begins and ends with: a world, a robot in it, and the audit of both. */
import type { Outcome } from "../scenario.ts";
import { Audit } from "./account.ts";
import { FrameFactory } from "./frames.ts";
import type { SeededRandom } from "./random.ts";
import { Robot } from "./robot.ts";
import { World, type WorldSettings } from "./world.ts";

export interface Stage {
  readonly world: World;
  readonly robot: Robot;
  readonly audit: Audit;
}

/** Figures of a scenario; what an audit found is added to them. */
export type Figures = Record<string, string | number>;

/**
 * Runs `act` in a world of its own and audits it to the end: everything is drained, opened and
 * searched for plaintext. A fault that is thrown counts as a violation, with what the processes said.
 */
export async function onStage(
  random: SeededRandom,
  settings: WorldSettings,
  act: (stage: Stage) => Promise<Figures>,
): Promise<Outcome> {
  const world = await World.create(settings);
  const frames = await FrameFactory.open(random);
  const robot = new Robot(world.home, frames);
  const audit = new Audit(world, robot.book);
  let figures: Figures = {};
  try {
    figures = await act({ world, robot, audit });
    const stored = await audit.stored();
    audit.secrets();
    audit.receipts();
    const { sent, accepted, unanswered } = robot.book;
    figures = { frames: sent, accepted: accepted.size, unanswered, stored, ...figures };
  } catch (error) {
    audit.violations.push(`${(error as Error).stack}\n${world.tails()}`);
  } finally {
    await world.close();
  }
  return { violations: audit.violations, figures };
}
