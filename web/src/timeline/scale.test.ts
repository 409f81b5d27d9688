import { describe, expect, it } from "vitest";
import { centreOn, day, hour, minute, pan, second, spanOf, ticks, toPixel, toTime, zoom } from "./scale";

const view = { from: 1_000_000_000_000, to: 1_000_000_000_000 + hour };

describe("scale of the timeline", () => {
  it("turns times into pixels and back", () => {
    expect(toPixel(view, 600, view.from + 30 * minute)).toBe(300);
    expect(toTime(view, 600, 300)).toBe(view.from + 30 * minute);
  });

  it("keeps the time under the pointer while zooming", () => {
    const anchor = view.from + 15 * minute;
    const closer = zoom(view, 0.5, anchor);
    expect(spanOf(closer)).toBe(30 * minute);
    expect(toPixel(closer, 600, anchor)).toBeCloseTo(toPixel(view, 600, anchor));
  });

  it("zooms no closer than ten seconds and no further than two months", () => {
    expect(spanOf(zoom(view, 1e-9, view.from))).toBe(10 * second);
    expect(spanOf(zoom(view, 1e9, view.from))).toBe(62 * day);
  });

  it("pans and centres without changing its span", () => {
    expect(pan(view, minute)).toEqual({ from: view.from + minute, to: view.to + minute });
    const centred = centreOn(view, view.to);
    expect(spanOf(centred)).toBe(hour);
    expect((centred.from + centred.to) / 2).toBe(view.to);
  });

  it("labels round times, never closer than asked", () => {
    const marks = ticks(view, 600, 80);
    expect(marks.length).toBeGreaterThan(2);
    for (const [i, mark] of marks.entries()) {
      expect(new Date(mark.at).getSeconds()).toBe(0);
      if (i > 0) expect(toPixel(view, 600, mark.at) - toPixel(view, 600, marks[i - 1]!.at)).toBeGreaterThanOrEqual(80);
    }
  });
});
