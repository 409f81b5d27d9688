/** Keeping several cameras on one clock: what a player does about being early or late. Pure. */

/** Milliseconds of wall clock that the eye does not see; more is corrected. */
export const toleratedMs = 80;
/** Corrected down to this, so that it does not start again at once. */
const settledMs = 25;
/** More is not caught up with but jumped over. */
const jumpMs = 700;

export type Correction = { kind: "none" } | { kind: "pace"; factor: number } | { kind: "jump" };

/**
 * @param driftMs How much further this player is than the one that leads, in recorded time.
 * @param rate Speed of both; drift that takes one second to arise at 1× takes a quarter at 4×.
 * @param pacing Whether it is already being corrected.
 */
export function correct(driftMs: number, rate: number, pacing: boolean): Correction {
  const size = Math.abs(driftMs);
  const fast = Math.max(1, rate);
  if (size > jumpMs * fast) return { kind: "jump" };
  if (size <= (pacing ? settledMs : toleratedMs) * fast) return { kind: "none" };
  // Gone within about a second, and slow enough not to be seen.
  const factor = 1 - Math.max(-0.3, Math.min(0.3, driftMs / (1_000 * fast)));
  return { kind: "pace", factor };
}

/** How fast time really passes on the screen, over the last two seconds. */
export class TrueSpeed {
  #samples: { now: number; at: number }[] = [];

  note(now: number, at: number): void {
    this.#samples.push({ now, at });
    while (this.#samples.length > 2 && now - this.#samples[0]!.now > 2_000) this.#samples.shift();
  }

  /** After a jump: what lies before it says nothing. */
  reset(): void {
    this.#samples = [];
  }

  /** Null until it was measured for a second. */
  get value(): number | null {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    if (!first || !last || last.now - first.now < 1_000) return null;
    return (last.at - first.at) / (last.now - first.now);
  }
}
