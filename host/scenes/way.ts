/** Movement over time: straight lines, turns on the spot and pauses, one after the other. */
import type { Ground, Place } from "./ground.ts";

/** Where something is, where it looks, and how far it has gone since it began. */
export interface Posture extends Place {
  readonly yaw: number;
  readonly goneM: number;
  /** Metres a second. */
  readonly speed: number;
}

/** How something gets about. */
export interface Gait {
  readonly speedMps: number;
  readonly turnRadps: number;
}

interface Stretch {
  readonly fromS: number;
  readonly toS: number;
  readonly from: Posture;
  readonly to: Posture;
}

/** An angle within half a turn of 0. */
function wrapAngle(angle: number): number {
  return angle - 2 * Math.PI * Math.round(angle / (2 * Math.PI));
}

/** A way that is built stretch by stretch and then asked for its posture at any time. */
export class Way {
  readonly #stretches: Stretch[] = [];
  #end: Posture;
  #endS = 0;

  constructor(start: Place, yaw: number) {
    this.#end = { ...start, yaw, goneM: 0, speed: 0 };
  }

  get endS(): number {
    return this.#endS;
  }

  get end(): Posture {
    return this.#end;
  }

  /** Stands still. */
  pause(seconds: number): void {
    this.#add(seconds, {});
  }

  /** Goes to a place, turning before each corner; does nothing if no way leads there. */
  go(ground: Ground, to: Place, gait: Gait): void {
    const corners = ground.way(this.#end, to) ?? [];
    for (const { x, y } of corners.slice(1)) {
      const [dx, dy] = [x - this.#end.x, y - this.#end.y];
      const length = Math.hypot(dx, dy);
      if (length === 0) continue;
      const turn = wrapAngle(Math.atan2(dy, dx) - this.#end.yaw);
      this.#add(Math.abs(turn) / gait.turnRadps, { yaw: this.#end.yaw + turn });
      const goneM = this.#end.goneM + length;
      this.#add(length / gait.speedMps, { x, y, goneM, speed: gait.speedMps });
    }
  }

  /** The posture at a time; before the beginning and behind the end it stands. */
  at(seconds: number): Posture {
    let [low, high] = [0, this.#stretches.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#stretches[middle]!.toS <= seconds) low = middle + 1;
      else high = middle;
    }
    const stretch = this.#stretches[low];
    if (stretch === undefined) return { ...this.#end, speed: 0 };
    const { fromS, toS, from, to } = stretch;
    const part = (seconds - fromS) / (toS - fromS);
    const mix = (a: number, b: number) => a + part * (b - a);
    return {
      x: mix(from.x, to.x),
      y: mix(from.y, to.y),
      yaw: mix(from.yaw, to.yaw),
      goneM: mix(from.goneM, to.goneM),
      speed: to.speed,
    };
  }

  #add(seconds: number, change: Partial<Posture>): void {
    if (!(seconds > 0)) return;
    const to = { ...this.#end, speed: 0, ...change };
    const toS = this.#endS + seconds;
    this.#stretches.push({ fromS: this.#endS, toS, from: this.#end, to });
    this.#end = to;
    this.#endS = toS;
  }
}
