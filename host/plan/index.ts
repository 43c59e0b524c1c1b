/** Plans of homes and paths, sanitised: pure functions, the one door to this folder. */
export type { ClutterReport } from "./clutter.ts";
export { openPlanTile } from "./open-plan.ts";
export { projectToPlan } from "./project.ts";
export { type PathRelease, type PathReport, releasePath } from "./release-path.ts";
export { type PlanRelease, type PlanReport, releasePlan } from "./release-plan.ts";
export type { PlanRules } from "./rules.ts";
export { drawSecret, type ReleaseSecret } from "./secret.ts";
