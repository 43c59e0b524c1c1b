/** A taste of fuzz2d.proof.ts, on every run. */
import { describe } from "vitest";
import { fuzz2d } from "./fuzz2d.ts";

describe("plans and 2D scans with damage", () => fuzz2d({ step: 251, cuts: 0, changes: 4 }));
