/** Which samples are read, and which pictures kept, at a speed. Pure. */

export interface ReadMode {
  /** Only the first picture of each group. */
  keyframes: boolean;
  /** Groups closer together than this are left out, microseconds. */
  everyUs: number;
}

export interface Known {
  /** Length of a group of pictures, milliseconds. */
  groupMs: number | null;
  /** From one picture to the next, milliseconds. */
  frameMs: number;
  /** Decoding one sample, milliseconds. */
  costMs: number | null;
}

/** Faster than this, keyframes alone will do where there are enough of them. */
const fastestWhole = 4;
/** Keyframes are enough when one is seen this often; so many a second are shown at the most. */
const oftenMs = 250;
/** Even to a slow computer they are of no use when they are seen less often than this: better that time slows down. */
const seldomMs = 1_000;
const mostKeyframes = 15;
/** Of whole groups, so many pictures a second are shown at the most. */
const mostPictures = 50;
/** To each side of a picture that rests: what is missing within the first is decoded up to the second. */
const aheadAtRest = 6;
export const spanAtRest = 12;
/** A decoder that needs more than this part of the time does not keep up. */
const keepsUp = 0.9;

export const whole: ReadMode = { keyframes: false, everyUs: 0 };

export function modeFor(rate: number, { groupMs, frameMs, costMs }: Known): ReadMode {
  const speed = Math.abs(rate);
  const seldom = groupMs !== null && groupMs > speed * seldomMs;
  const costly = costMs !== null && speed >= 2 && (costMs * speed) / frameMs > keepsUp && !seldom;
  const enough = speed > fastestWhole && (groupMs === null || groupMs <= speed * oftenMs);
  return costly || enough ? { keyframes: true, everyUs: Math.round((speed * 1e6) / mostKeyframes) } : whole;
}

/** Of whole groups, every which picture is kept. */
export function strideFor(rate: number, frameMs: number): number {
  return Math.max(1, Math.floor((Math.abs(rate) * 1000) / mostPictures / frameMs));
}

/** How many pictures are to be decoded before they are seen: what is shown in about a second and a half. */
export function aheadFor(rate: number, mode: ReadMode, frameMs: number): number {
  if (mode.keyframes) return mostKeyframes * 1.5;
  return rate === 0
    ? aheadAtRest
    : Math.max(aheadAtRest, (1_500 * Math.abs(rate)) / frameMs / strideFor(rate, frameMs));
}

/** How many groups are asked for at once: what is played in about two seconds. */
export function groupsFor(rate: number, mode: ReadMode, groupMs: number | null): number {
  if (rate === 0) return 1;
  if (mode.keyframes) return 30;
  return Math.min(8, Math.max(2, Math.ceil((Math.abs(rate) * 2_000) / (groupMs ?? 2_000))));
}
