import type { Sample, SampleFormat } from "./messages";

/** A group of pictures as it was recorded, encoded: what can be decoded without anything else. */
export class RecordedGroup {
  /** Wall clock of each picture in the order in which they are seen, UTC microseconds, each later than the one before. */
  readonly timesUs: readonly number[];
  /** The same in decode order. */
  readonly stampsUs: readonly number[];
  /** For each picture as it is seen, its place in decode order. */
  readonly #places: readonly number[];
  readonly bytes: number;
  /** Its neighbours, as far as they are known. */
  before: RecordedGroup | null = null;
  after: RecordedGroup | null = null;
  /** When a neighbour was asked for and there was none, by `performance.now()`: footage grows. */
  noneBefore = -Infinity;
  noneAfter = -Infinity;
  /** The span in which its pictures are those to be seen: small holes, and what is left out beside it, are part of it. */
  sinceUs: number;
  untilUs: number;

  /** @param samples In decode order, the first one a keyframe. */
  constructor(
    readonly format: SampleFormat,
    readonly fromUs: number,
    readonly toUs: number,
    readonly samples: readonly Sample[],
  ) {
    this.sinceUs = fromUs;
    this.untilUs = toUs;
    this.#places = samples.map((_, i) => i).sort((a, b) => samples[a]!.atUs - samples[b]!.atUs);
    const timesUs: number[] = [];
    const stampsUs = samples.map((s) => s.atUs);
    for (const place of this.#places) {
      // Fragments are dated by estimates; a picture is known by its time.
      stampsUs[place] = Math.max(samples[place]!.atUs, (timesUs.at(-1) ?? -Infinity) + 1);
      timesUs.push(stampsUs[place]);
    }
    this.timesUs = timesUs;
    this.stampsUs = stampsUs;
    this.bytes = samples.reduce((sum, s) => sum + s.data.byteLength, 0);
  }

  get length(): number {
    return this.timesUs.length;
  }

  /** Which picture is seen at a time: the last that has begun, the first before that. */
  indexAt(atUs: number): number {
    let [low, high] = [0, this.timesUs.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.timesUs[middle]! <= atUs) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** The place of the picture with exactly this time; -1 when there is none. */
  indexOf(atUs: number): number {
    const index = this.indexAt(atUs);
    return this.timesUs[index] === atUs ? index : -1;
  }

  /** How many samples a decoder is to be given, from the first, for the pictures from one place to before another. */
  samplesFor(from: number, to: number): number {
    return Math.max(...this.#places.slice(from, to)) + 1;
  }
}
