/** Frames further apart than a second, or closer than 4 ms, are no neighbours but a hole or a mistake. */
const shortest = 0.004;
const longest = 1;
const remembered = 25;

/** How far apart a stream's frames are, learnt from the media times of those that were shown one after the other. */
export class FrameDistance {
  #seen: number[] = [];
  #last: { media: number; presented: number } | null = null;

  /** @param expected Seconds, until something was seen. */
  constructor(readonly expected: number) {}

  /** @param presented The browser's count of frames: only neighbours say something. */
  note(media: number, presented: number, playbackRate: number): void {
    const before = this.#last;
    this.#last = { media, presented };
    // Played faster, frames are left out without being counted.
    if (!before || presented !== before.presented + 1 || playbackRate > 1) return;
    const distance = media - before.media;
    if (distance < shortest || distance > longest) return;
    this.#seen = [...this.#seen.slice(1 - remembered), distance];
  }

  get seconds(): number {
    if (this.#seen.length < 3) return this.expected;
    const sorted = [...this.#seen].sort((a, b) => a - b);
    return sorted[sorted.length >> 1]!;
  }
}

/**
 * Media time to seek to for the frame so many frames away: the middle of its time on screen, so that rounding shows no other.
 * @param shown Media time of the frame that is seen.
 */
export function stepTarget(shown: number, frames: number, distance: number): number {
  return Math.max(0, shown + (frames + 0.5) * distance);
}
