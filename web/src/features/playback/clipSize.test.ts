import { describe, expect, it } from "vitest";
import { clipSize, exactLength, recordedIn } from "./clipSize";

describe("clip", () => {
  it("holds what is recorded in the range", () => {
    const recordings = [
      { from: 0, to: 10_000 },
      { from: 20_000, to: 30_000 },
      { from: 40_000, to: 50_000 },
    ];
    expect(recordedIn(recordings, { from: 5_000, to: 25_000 })).toBe(10_000);
    expect(recordedIn(recordings, { from: 11_000, to: 19_000 })).toBe(0);
  });

  it("is as large as the camera's rate makes it", () => {
    expect(clipSize(60_000, 4_000_000)).toBe("about 30 MB");
    expect(clipSize(1_000, 2_000_000)).toBe("below 1 MB");
    expect(clipSize(3_600_000, 8_000_000)).toBe("about 3.6 GB");
    expect(clipSize(3_600_000, null)).toBeNull();
  });

  it("has an exact length", () => {
    expect([12_400, 30_000, 200_000, 180_000, 3_900_000, 7_200_000].map(exactLength)).toEqual([
      "12.4 s",
      "30 s",
      "3 min 20 s",
      "3 min",
      "1 h 5 min",
      "2 h",
    ]);
  });
});
