/**
 * Frames under policies that let more pass than the built-in one, each up to where it says: only what
 * it names may be found. In this process, without a sidecar.
 */

import type { Planter } from "../../canary/planter.ts";
import { plantedFrames } from "../../canary/plants/frames.ts";
import { refusedStrings } from "../../canary/plants/passing-strings.ts";
import type { Frame } from "../../core/frame.ts";
import { generateRecipientKey, type RecipientKeyPair } from "../../keys/index.ts";
import { type Policy, parsePolicy } from "../../policy/index.ts";
import { MapMaker } from "../../veil/map-maker.ts";
import { Sanitizer } from "../../veil/sanitizer.ts";
import { addOpened, type Stage } from "./stage.ts";

const SCANS = 24;
/** A cell of a metre keeps a place in a surveyed map within what a cell's number can be. */
const REACH_M = 4;

const STRINGS = "keep:\n  strings: [frame_id, topic, label, sensor_model]\n";

const policyOf = (text: string): Policy => parsePolicy(`version: 1\n${text}`, "policy of a search");

/** The cells of a metre around a place, which a map without a secret origin would name. */
function noteCells(planter: Planter, frames: readonly Frame[]): void {
  for (const place of frames[0]!.pose!.translation.slice(0, 2)) {
    for (let metres = -REACH_M; metres <= REACH_M; metres++) {
      planter.note("whereabouts", "cells of a map", BigInt(Math.floor(place) + metres));
    }
  }
}

/** Seals frames and maps under each policy, opens them and adds what is in them. */
export async function goWithPolicies(stage: Stage): Promise<void> {
  const { planter, tell } = stage;
  const key = generateRecipientKey();
  tell("policies that let strings pass");
  const [blank] = plantedFrames(planter, 1) as [Frame];
  const strings = refusedStrings(planter).map((metadata) => ({ ...blank, metadata }));
  await seal(stage, key, "strings", policyOf(STRINGS), strings);
  tell("policies of places and times");
  const frames = plantedFrames(planter, SCANS);
  noteCells(planter, frames);
  const few = frames.slice(0, 3);
  for (const [name, text] of Object.entries({
    "pose dropped": "leaf_m: 1\npose: drop\n",
    "pose of a session": "leaf_m: 1\npose: session\n",
    "time floored": "time: 365d\n",
    "attributes kept": "level: full\nkeep:\n  attributes: { intensity: 8, ring: 8, time: 8 }\n",
  })) {
    await seal(stage, key, name, policyOf(text), few);
  }
  tell("maps and plans");
  const coarse = policyOf("level: map\nleaf_m: 1\nmap:\n  leaf_m: 1\n");
  for (const level of ["map", "plan"] as const) await gather(stage, key, level, coarse, frames);
  const named = policyOf(`level: map\n${STRINGS}`);
  for (const [i, { metadata }] of strings.entries()) {
    // One string a map: the first scan that has one gives it its name.
    if (i % 5 !== 0) continue;
    const labelled = frames.map((frame) => ({ ...frame, metadata }));
    await gather(stage, key, "map", named, labelled);
  }
}

async function seal(
  stage: Stage,
  key: RecipientKeyPair,
  name: string,
  policy: Policy,
  frames: readonly Frame[],
): Promise<void> {
  const sanitizer = await Sanitizer.create({ policy, recipient: key.publicKey });
  for (const frame of frames) {
    const { veil, report } = sanitizer.sanitize(frame);
    stage.surfaces.value("answers", `report under the policy: ${name}`, {
      ...report,
      // Names of point fields, which the driver gave.
      strippedPointFields: undefined,
    });
    await addOpened(stage, "tiles", `policy: ${name}`, veil.slice(), key);
  }
  sanitizer.wipe();
}

async function gather(
  stage: Stage,
  key: RecipientKeyPair,
  level: "map" | "plan",
  policy: Policy,
  frames: readonly Frame[],
): Promise<void> {
  const maker = await MapMaker.create({ policy, level, recipient: key.publicKey });
  try {
    for (const frame of frames) maker.add(frame);
    const released = maker.release();
    if (released === undefined) return;
    stage.surfaces.value("answers", `report on a ${level}`, released.report);
    await addOpened(stage, "tiles", `gathered ${level}`, released.veil, key);
  } catch (error) {
    stage.surfaces.value("answers", `refusal of a ${level}`, error);
  } finally {
    maker.wipe();
  }
}
