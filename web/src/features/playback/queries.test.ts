import { describe, expect, it } from "vitest";
import { noFootage } from "@/timeline/footage";
import { day, minute, pan, second, zoom } from "@/timeline/scale";
import { nothingWords } from "./nothingWords";
import { spansFor } from "./queries";

const now = Date.UTC(2026, 10, 29, 14, 3);

describe("what of the timeline is asked for", () => {
  it("covers the view, on a grid that panning a little does not leave", () => {
    const view = { from: now - 30 * minute, to: now - 10 * minute };
    const spans = spansFor(view, now);
    expect(spans[0]!.from).toBeLessThanOrEqual(view.from);
    expect(spans.at(-1)!.to).toBeGreaterThanOrEqual(view.to);
    expect(spansFor(pan(view, 5 * second), now)).toEqual(spans);
    for (const [i, span] of spans.entries()) if (i > 0) expect(span.from).toBe(spans[i - 1]!.to);
  });

  it("never exceeds the 32 days of an answer, nor asks about the future", () => {
    const half = { from: now - 180 * day, to: now + 6 * day };
    const spans = spansFor(half, now);
    expect(spans.length).toBeLessThanOrEqual(8);
    for (const span of spans) {
      expect(span.to - span.from).toBeLessThanOrEqual(32 * day);
      expect(span.from).toBeLessThan(now);
    }
    expect(spansFor({ from: now + day, to: now + 2 * day }, now)).toEqual([]);
  });

  it("asks seldom while zooming from half a year to a second", () => {
    const sizes = new Set<number>();
    for (
      let view = { from: now - 180 * day, to: now };
      view.to - view.from > second;
      view = zoom(view, 0.9, now - second)
    )
      for (const span of spansFor(view, now)) sizes.add(span.to - span.from);
    expect(sizes.size).toBeLessThanOrEqual(8);
  });
});

describe("why nothing is shown", () => {
  it("names cause and length of the gap, or only the time", () => {
    const gaps = [{ from: now, to: now + 5 * minute, cause: "diskFull" }];
    const words = nothingWords({ ...noFootage, gaps }, now + minute);
    expect(words.title).toBe("Disk was full");
    expect(words.detail).toMatch(/\(5 min\)/);
    expect(nothingWords(noFootage, now).title).toBe("Nothing recorded here");
  });
});
