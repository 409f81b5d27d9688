import { describe, expect, it } from "vitest";
import { correct, TrueSpeed } from "./inStep";

describe("cameras on one clock", () => {
  it("leaves alone what nobody sees", () => {
    expect(correct(80, 1, false)).toEqual({ kind: "none" });
    expect(correct(-80, 1, false)).toEqual({ kind: "none" });
    expect(correct(300, 4, false)).toEqual({ kind: "none" });
  });

  it("slows the one that is early and hastens the one that is late, until they are together", () => {
    let drift = 600;
    let pacing = false;
    let ticks = 0;
    for (; ticks < 100; ticks++) {
      const c = correct(drift, 1, pacing);
      pacing = c.kind === "pace";
      if (c.kind !== "pace") break;
      drift += (c.factor - 1) * 100;
    }
    expect(Math.abs(drift)).toBeLessThanOrEqual(25);
    expect(ticks).toBeLessThan(50);
    expect(correct(-200, 1, false)).toEqual({ kind: "pace", factor: 1.2 });
  });

  it("jumps over what would take too long", () => {
    expect(correct(2_000, 1, false)).toEqual({ kind: "jump" });
    expect(correct(2_000, 4, false)).toEqual({ kind: "pace", factor: 0.7 });
  });
});

describe("true speed", () => {
  it("is that of the last two seconds", () => {
    const speed = new TrueSpeed();
    expect(speed.value).toBeNull();
    for (let now = 0; now <= 3_000; now += 100) speed.note(now, 5_000 + now * 6);
    expect(speed.value).toBeCloseTo(6);
    for (let now = 3_100; now <= 6_000; now += 100) speed.note(now, 23_000 + (now - 3_000) * -2);
    expect(speed.value).toBeCloseTo(-2);
    speed.reset();
    expect(speed.value).toBeNull();
  });
});
