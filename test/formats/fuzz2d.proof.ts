import { describe } from "vitest";
import { fuzz2d } from "./fuzz2d.ts";

describe("plans and 2D scans with damage", () => fuzz2d({ step: 3, cuts: 24, changes: 300 }));
