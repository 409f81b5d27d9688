import { describe, expect, it } from "vitest";
import { byWidth, toPixels } from "./reduce";
import { day, minute, second } from "./scale";

const start = Date.UTC(2026, 0, 1);

describe("timeline in pixels", () => {
  it("puts spans on whole pixels and at least one of them", () => {
    const view = { from: start, to: start + 100 * second };
    expect(toPixels([{ from: start + 10 * second, to: start + 20 * second }], view, 100)).toEqual([
      { left: 10, right: 20 },
    ]);
    expect(toPixels([{ from: start + 10_100, to: start + 10_101 }], view, 100)).toEqual([{ left: 10, right: 11 }]);
  });

  it("merges what falls on one pixel and leaves a gap that is wider than one", () => {
    const view = { from: start, to: start + 100 * second };
    const spans = [
      { from: start, to: start + 5_200 },
      { from: start + 5_300, to: start + 9 * second },
      { from: start + 12 * second, to: start + 15 * second },
    ];
    expect(toPixels(spans, view, 100)).toEqual([
      { left: 0, right: 9 },
      { left: 12, right: 15 },
    ]);
  });

  it("leaves out what is outside of the view", () => {
    const view = { from: start + day, to: start + 2 * day };
    const spans = [
      { from: start, to: start + minute },
      { from: start + day - minute, to: start + day + minute },
      { from: start + 3 * day, to: start + 4 * day },
    ];
    expect(toPixels(spans, view, 1440)).toEqual([{ left: 0, right: 1 }]);
  });

  it("draws half a year of one-minute recordings as one rectangle per two pixels at most, in no time", () => {
    const spans = Array.from({ length: (180 * day) / (2 * minute) }, (_, i) => ({
      from: start + i * 2 * minute,
      to: start + i * 2 * minute + minute,
    }));
    const half = { from: start, to: start + 180 * day };
    const began = performance.now();
    const all = toPixels(spans, half, 1400);
    // Generous: a frame has 16 ms, this takes about two.
    expect(performance.now() - began).toBeLessThan(100);
    expect(all).toEqual([{ left: 0, right: 1400 }]);
    const sparse = toPixels(
      spans.filter((_, i) => i % 500 === 0),
      half,
      1400,
    );
    expect(sparse.length).toBeLessThanOrEqual(700);
    // Zoomed in, only what is seen is looked at.
    expect(toPixels(spans, { from: start + 90 * day, to: start + 90 * day + 10 * minute }, 1400)).toHaveLength(5);
  });

  it("tells gaps that can be drawn to scale from those that can only be marked", () => {
    const view = { from: start, to: start + 100 * second };
    const [before, wide, narrow] = [
      { from: start - 9 * second, to: start - 5 * second },
      { from: start, to: start + 5 * second },
      { from: start + 50 * second, to: start + 51 * second },
    ];
    expect(byWidth([before, wide, narrow], view, 100, 3)).toEqual({ wide: [wide], narrow: [narrow] });
  });
});
