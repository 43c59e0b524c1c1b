/**
 * The way out: frames in, sealed artefacts out. Everything a frame loses it loses in the core, before
 * the bytes are sealed; nothing of a frame stays in the host.
 */
import { KIND_FRAME, TAG_FINAL, TAG_PUSH } from "../../assembly/abi.ts";
import { Core } from "../core/core.ts";
import { MapveilError } from "../core/errors.ts";
import type { Frame } from "../core/frame.ts";
import type { FrameReport } from "../core/frame-report.ts";
import type { CoreBuild } from "../core/load-module.ts";
import { type RandomBytes, systemRandom } from "../keys/index.ts";
import {
  assertFramesMayLeave,
  type CompiledPolicy,
  compilePolicy,
  type Level,
  narrowPolicy,
  type Policy,
} from "../policy/index.ts";
import { assertBeamMoves } from "./beam-guard.ts";
import { LENGTH_BYTES, putMessage } from "./messages.ts";
import { PassingStrings, type RedactedCounts } from "./passing-strings.ts";
import { beginSecretSession, RecordSealer } from "./seal-record.ts";
import { warmUp } from "./warm-up.ts";

export interface SanitizerOptions {
  readonly policy: Policy;
  /** Public key (32 bytes) of who may open what leaves. */
  readonly recipient: Uint8Array;
  /** Permission epoch that artefacts are made under; default 0. */
  readonly epoch?: bigint;
  /**
   * Frames without a pose are in the map's frame already, so that no-go areas apply to them as they
   * are. Without it, such frames are refused where the policy has no-go areas.
   */
  readonly inMapFrame?: boolean;
  readonly build?: CoreBuild;
  /** Source of randomness; default the system's. */
  readonly random?: RandomBytes;
}

/** What holds for one frame alone. */
export interface FrameTerms {
  /** Permission epoch that the artefact is made under; default that of the sanitizer. */
  readonly epoch?: bigint;
  /** What may leave at most; default the policy's level, which it can only lower. */
  readonly level?: Level;
}

/** What became of a frame, the seal included. */
export interface SealedFrameReport extends FrameReport {
  /** Bytes that leave for this frame: its messages, without the artefact's header. */
  readonly sealedBytes: number;
  /** Names of point fields of the input that are not in the output. */
  readonly strippedPointFields: readonly string[];
  /** Values that were redacted in strings that pass, by kind. */
  readonly redacted: RedactedCounts;
}

/** An artefact that is being written: frames are added until it is ended. */
export interface Artefact {
  /** The first bytes of the artefact. */
  readonly header: Uint8Array;
  /** Sanitises and seals a frame; `bytes` come next in the artefact. */
  add(frame: Frame): { bytes: Uint8Array; report: SealedFrameReport };
  /** The last bytes. Without them the artefact counts as cut, and does not open. */
  end(): Uint8Array;
}

const ATTRIBUTES = ["intensity", "ring", "time"] as const;
/** As CompiledPolicy.kept names them. */
const KEPT_NAMES = {
  intensity: "attributes.intensity",
  ring: "attributes.ring",
  time: "attributes.time",
} as const;

export class Sanitizer {
  readonly #core: Core;
  /** Compiled policies by level: the policy's own, and those that it was lowered to. */
  readonly #compiled = new Map<Level, CompiledPolicy>();
  readonly #options: SanitizerOptions;
  #policy: Policy;
  #inMapFrame = false;
  readonly #random: RandomBytes;
  readonly #hashSeed: Uint8Array;
  readonly #sealer: RecordSealer;
  readonly #strings = new PassingStrings();
  /** Number of the artefact that is open, counted on when it ends. */
  #begun = 0;

  /**
   * Loads a core and runs it warm (about 0.2 s), so that the first frame is as fast as the others.
   * @throws MapveilError CONFIG for a policy that this version cannot apply, REFUSED for level nothing
   */
  static async create(options: SanitizerOptions): Promise<Sanitizer> {
    assertFramesMayLeave(compilePolicy(options.policy));
    const core = new Core(options.build);
    await warmUp(core);
    return new Sanitizer(core, options);
  }

  private constructor(core: Core, options: SanitizerOptions) {
    this.#core = core;
    this.#options = options;
    this.#policy = options.policy;
    this.setRules(options);
    this.#random = options.random ?? systemRandom;
    this.#hashSeed = this.#random(8);
    this.#sealer = new RecordSealer(core, options.recipient, this.#random);
  }

  /**
   * Puts other rules in place for the frames that follow, and closes an open artefact.
   * @throws MapveilError CONFIG, REFUSED as create does; the old rules hold on then
   */
  setRules(rules: Pick<SanitizerOptions, "policy" | "inMapFrame">): void {
    const compiled = compilePolicy(rules.policy);
    assertFramesMayLeave(compiled);
    this.#begun++;
    this.#policy = rules.policy;
    this.#inMapFrame = rules.inMapFrame ?? false;
    this.#compiled.clear();
    this.#compiled.set(compiled.level, compiled);
  }

  /** Which build of the core runs. */
  get build(): CoreBuild {
    return this.#core.build;
  }

  /**
   * Sanitises and seals one frame as an artefact of its own.
   * @throws MapveilError BAD_INPUT, TOO_LARGE, REFUSED (no-go areas, and no pose; a beam that stands
   *   still; a level at which no frame leaves)
   */
  sanitize(frame: Frame, terms: FrameTerms = {}): { veil: Uint8Array; report: SealedFrameReport } {
    const policy = this.#policyAt(terms.level);
    const header = this.#begin(policy, terms.epoch);
    const { report, redacted } = this.#encode(frame, policy);
    const veil = this.#sealer.seal(report.recordBytes, TAG_FINAL, header);
    const sealedBytes = veil.length - header.length;
    return { veil, report: this.#complete(frame, policy, report, sealedBytes, redacted) };
  }

  /**
   * Starts an artefact of many frames, which share one session. One at a time: whatever begins after
   * it closes it for good, and its methods throw USAGE then, as they do behind its end.
   */
  begin(): Artefact {
    const policy = this.#policyAt();
    const header = this.#begin(policy).slice();
    const own = this.#begun;
    const assertOpen = () => {
      if (this.#begun === own) return;
      throw new MapveilError(
        "USAGE",
        "This artefact was ended, or another one was begun after it.",
      );
    };
    return {
      header,
      add: (frame) => {
        assertOpen();
        const { report, redacted } = this.#encode(frame, policy);
        const bytes = this.#sealer.seal(report.recordBytes, TAG_PUSH);
        return { bytes, report: this.#complete(frame, policy, report, bytes.length, redacted) };
      },
      end: () => {
        assertOpen();
        this.#begun++;
        const last = this.#core.borrowSealedMessage(0, 0, TAG_FINAL);
        const bytes = new Uint8Array(LENGTH_BYTES + last.length);
        putMessage(bytes, 0, last);
        return bytes;
      },
    };
  }

  /** Voxels of the frame that was sanitised last, x y z in metres; they stay on the robot. */
  copyVoxels(report: FrameReport): Float32Array {
    return this.#core.copyVoxels(report.voxels);
  }

  /** Zeroes all that the core was told and closes an open artefact. The sanitizer can be used again. */
  wipe(): void {
    this.#begun++;
    this.#strings.clear();
    this.#core.wipe();
  }

  /** The policy, or what is left of it at a lower level; one that lets nothing leave is refused. */
  #policyAt(level: Level = this.#policy.level): CompiledPolicy {
    const narrowed = narrowPolicy(this.#policy, level);
    const known = this.#compiled.get(narrowed.level);
    if (known !== undefined) return known;
    const compiled = compilePolicy(narrowed);
    assertFramesMayLeave(compiled);
    this.#compiled.set(compiled.level, compiled);
    return compiled;
  }

  /** Draws the secrets of an artefact and starts it; the header is the core's, until the next one. */
  #begin(policy: CompiledPolicy, epoch = this.#options.epoch ?? 0n): Uint8Array {
    this.#begun++;
    beginSecretSession(this.#core, this.#random);
    return this.#sealer.borrowHeader({ kind: KIND_FRAME, policyDigest: policy.digest, epoch });
  }

  #encode(frame: Frame, policy: CompiledPolicy): { report: FrameReport; redacted: RedactedCounts } {
    const needsPose = this.#policy.no_go.areas.length > 0 && !this.#inMapFrame;
    if (needsPose && frame.pose === undefined) {
      throw new MapveilError(
        "REFUSED",
        "The policy has no-go areas, but this frame has no pose to place them by. Give its pose, " +
          "or say that its points are in the map's frame already.",
        { field: "pose", reason: "POSE_MISSING" },
      );
    }
    assertBeamMoves(frame, this.#inMapFrame);
    const { metadata, redacted } = this.#strings.redact(frame.metadata, this.#policy.keep.strings);
    const told = metadata === frame.metadata ? frame : { ...frame, metadata };
    return { report: this.#core.encodeFrame(told, policy.bytes, this.#hashSeed), redacted };
  }

  #complete(
    frame: Frame,
    policy: CompiledPolicy,
    report: FrameReport,
    sealedBytes: number,
    redacted: RedactedCounts,
  ): SealedFrameReport {
    const { layout } = frame;
    const strippedPointFields: string[] = [];
    for (const name of ATTRIBUTES) {
      if (layout[name] && !policy.kept.includes(KEPT_NAMES[name])) strippedPointFields.push(name);
    }
    for (const name of layout.otherFields ?? []) strippedPointFields.push(name);
    // Field by field: a spread that fields are added to allocates three times as much.
    const { pointsIn, dropped, cropped, pointsKept, voxels, bytesIn } = report;
    const { tileBytes, recordBytes, passed, stripped } = report;
    return {
      pointsIn,
      dropped,
      cropped,
      pointsKept,
      voxels,
      bytesIn,
      tileBytes,
      recordBytes,
      passed,
      stripped,
      sealedBytes,
      strippedPointFields,
      redacted,
    };
  }
}
