import { beforeEach, describe, expect, it } from "vitest";
import type { Picture } from "./Picture";
import { PictureShelf } from "./PictureShelf";
import { budgetShare, shareBudget } from "./pictureBudget";
import { RecordedGroup } from "./RecordedGroup";

const t0 = Date.UTC(2026, 10, 29, 14) * 1000;
const pictureBytes = 100 * 4;

let open = 0;

function picture(): Picture {
  let isClosed = false;
  open++;
  const close = () => {
    expect(isClosed).toBe(false);
    isClosed = true;
    open--;
  };
  return { image: {} as ImageBitmap, width: 10, height: 10, bytes: pictureBytes, close };
}

function group(fromUs: number): RecordedGroup {
  const samples = Array.from({ length: 50 }, (_, i) => ({
    atUs: fromUs + i * 40_000,
    durationUs: 40_000,
    keyframe: i === 0,
    data: new Uint8Array(1),
  }));
  const format = { codec: "a", description: new Uint8Array(1), width: 10, height: 10 };
  return new RecordedGroup(format, fromUs, fromUs + 2_000_000, samples);
}

describe("decoded pictures", () => {
  let shelf: PictureShelf;
  const [a, b] = [group(t0), group(t0 + 2_000_000)];
  beforeEach(() => {
    open = 0;
    shelf = new PictureShelf();
  });
  const kept = (g: RecordedGroup) => g.timesUs.flatMap((_, i) => (shelf.get(g, i) ? [i] : []));

  it("never take more than they may, and none is left open", () => {
    for (const g of [a, b])
      for (let i = 0; i < 50; i++) {
        shelf.add(g, i, picture(), 30 * pictureBytes, g.timesUs[i]!, 1);
        expect(shelf.bytes).toBeLessThanOrEqual(30 * pictureBytes);
        expect(open).toBe(shelf.bytes / pictureBytes);
      }
    expect(open).toBe(30);
    expect(kept(b).at(-1)).toBe(49);
    shelf.clear();
    expect([open, shelf.bytes]).toEqual([0, 0]);
  });

  it("ahead of the cursor stay longer than those behind it", () => {
    for (let i = 49; i >= 0; i--) shelf.add(b, i, picture(), 30 * pictureBytes, b.timesUs[20]!, -1);
    // 20 pictures ahead, and of those behind it the nearest.
    expect(kept(b)).toEqual([...Array(30).keys()]);
  });

  it("that come twice are closed once", () => {
    shelf.add(a, 3, picture(), 10 * pictureBytes, t0, 1);
    shelf.add(a, 3, picture(), 10 * pictureBytes, t0, 1);
    expect([open, shelf.bytes]).toEqual([1, pictureBytes]);
    shelf.drop(a);
    expect(open).toBe(0);
  });

  it("of all tiles share one budget", () => {
    const one = budgetShare();
    const leave = Array.from({ length: 4 }, () => shareBudget({}));
    expect(budgetShare()).toBe(one / 4);
    leave.forEach((l) => l());
    expect(budgetShare()).toBe(one);
  });
});
