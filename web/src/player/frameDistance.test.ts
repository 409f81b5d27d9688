import { describe, expect, it } from "vitest";
import { FrameDistance, stepTarget } from "./frameDistance";

describe("distance of frames", () => {
  it("is learnt from neighbours only", () => {
    const distance = new FrameDistance(0.04);
    expect(distance.seconds).toBe(0.04);
    for (let i = 0; i < 10; i++) distance.note(i / 15, i, 1);
    expect(distance.seconds).toBeCloseTo(1 / 15);
    distance.note(20, 10, 1); // a seek
    distance.note(20.5, 20, 1); // frames between were not shown
    distance.note(20.9, 21, 4); // fast: frames were left out
    expect(distance.seconds).toBeCloseTo(1 / 15);
  });

  it("steps to the middle of the wanted frame", () => {
    const d = 0.04;
    const frameAt = (media: number) => Math.floor(media / d + 1e-9);
    for (let frame = 3; frame < 500; frame++) {
      expect(frameAt(stepTarget(frame * d, 1, d))).toBe(frame + 1);
      expect(frameAt(stepTarget(frame * d, -1, d))).toBe(frame - 1);
    }
    expect(stepTarget(0, -1, d)).toBe(0);
  });
});
