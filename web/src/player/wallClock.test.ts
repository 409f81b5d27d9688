import { describe, expect, it } from "vitest";
import { endOfRun, mediaOf, nearestFootage, wallOf, type Piece } from "./wallClock";

const t0 = Date.UTC(2026, 10, 29, 14);
/** Eight seconds, a hole of a minute (which the media does not have), four seconds. */
const pieces: Piece[] = [
  { start: 0, duration: 4, programDateTime: t0 },
  { start: 4, duration: 4, programDateTime: t0 + 4_020 },
  { start: 8, duration: 4, programDateTime: t0 + 68_000 },
];

describe("wall clock of a playlist", () => {
  it("leads from media time to wall clock and back", () => {
    for (const [media, wall] of [
      [0, t0],
      [5, t0 + 5_020],
      [9.5, t0 + 69_500],
    ] as const) {
      expect(wallOf(pieces, media)).toBe(wall);
      expect(mediaOf(pieces, wall)).toBeCloseTo(media);
    }
    expect(wallOf([], 3)).toBeNull();
  });

  it("does not take what estimates leave between two pieces for a hole", () => {
    expect(mediaOf(pieces, t0 + 4_010)).toBeCloseTo(3.999);
    expect(endOfRun(pieces, t0 + 1_000)).toBe(t0 + 8_020);
  });

  it("knows where nothing was recorded, and what comes before and after it", () => {
    expect(mediaOf(pieces, t0 + 30_000)).toBeNull();
    expect(nearestFootage(pieces, t0 + 30_000, 1)).toBe(t0 + 68_000);
    expect(nearestFootage(pieces, t0 + 30_000, -1)).toBe(t0 + 7_820);
    expect(nearestFootage(pieces, t0 + 90_000, 1)).toBeNull();
    expect(nearestFootage(pieces, t0 - 9_000, -1)).toBeNull();
    expect(endOfRun(pieces, t0 + 30_000)).toBe(t0 + 30_000);
  });
});
