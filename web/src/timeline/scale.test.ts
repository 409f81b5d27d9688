import { describe, expect, it } from "vitest";
import {
  centreInPast,
  centreOn,
  day,
  hour,
  minute,
  pan,
  second,
  spanOf,
  tickLabel,
  ticks,
  toPixel,
  toTime,
  zoom,
} from "./scale";

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

  it("zooms no closer than a second and no further than half a year", () => {
    expect(spanOf(zoom(view, 1e-9, view.from))).toBe(second);
    expect(spanOf(zoom(view, 1e9, view.from))).toBe(186 * day);
  });

  it("pans and centres without changing its span", () => {
    expect(pan(view, minute)).toEqual({ from: view.from + minute, to: view.to + minute });
    const centred = centreOn(view, view.to);
    expect(spanOf(centred)).toBe(hour);
    expect((centred.from + centred.to) / 2).toBe(view.to);
  });

  it("shows little of the future", () => {
    const now = view.to;
    expect(centreInPast(view, now - day, now)).toEqual(centreOn(view, now - day));
    const late = centreInPast(view, now - minute, now);
    expect(spanOf(late)).toBe(hour);
    expect(toPixel(late, 100, now)).toBeCloseTo(94);
  });

  it("labels round times, never closer than asked", () => {
    const marks = ticks(view, 600, 80);
    expect(marks.length).toBeGreaterThan(2);
    for (const [i, mark] of marks.entries()) {
      expect(new Date(mark.at).getSeconds()).toBe(0);
      if (i > 0) expect(toPixel(view, 600, mark.at) - toPixel(view, 600, marks[i - 1]!.at)).toBeGreaterThanOrEqual(80);
    }
  });

  it("begins days at local midnight and never moves a label while panning", () => {
    const month = { from: new Date(2026, 9, 1, 5).getTime(), to: new Date(2026, 10, 9).getTime() };
    for (const wide of [month, pan(month, 3 * day)])
      for (const { at } of ticks(wide, 1400, 92)) {
        expect(new Date(at).getHours()).toBe(0);
        expect(ticks(pan(wide, day), 1400, 92).map((t) => t.at)).toEqual(
          expect.arrayContaining(at > wide.from + day ? [at] : []),
        );
      }
  });

  it("labels tenths of a second when a second fills the screen", () => {
    const close = { from: view.from, to: view.from + second };
    const marks = ticks(close, 1400, 92);
    expect(marks).toHaveLength(11);
    expect(tickLabel(view.from + 300, 100)).toMatch(/\.3$/);
  });
});
