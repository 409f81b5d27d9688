import { describe, expect, it } from "vitest";
import { formatAddress, parseAddress, type PlaybackAddress } from "./address";

const t = Date.UTC(2026, 10, 29, 14, 3, 7, 250);
const all: PlaybackAddress = {
  cameras: ["a", "b c"],
  active: 1,
  at: t,
  view: { from: t - 60_000, to: t + 30_500 },
  rate: -8,
  paused: true,
  range: { from: t - 1000, to: t + 1000 },
  motion: {
    region: { x: 0.25, y: 0.5, width: 0.5, height: 0.125 },
    sensitivity: 4,
    span: { from: t - 60_000, to: t },
  },
};

describe("address of playback", () => {
  it("brings back everything it was made of", () => {
    expect(parseAddress(new URLSearchParams(formatAddress(all)))).toEqual(all);
  });

  it("says nothing about what is as always", () => {
    const plain = { ...all, cameras: ["a"], active: 0, view: null, rate: 1, paused: false, range: null, motion: null };
    expect(formatAddress(plain)).toBe("?camera=a&at=2026-11-29T14:03:07.250Z");
  });

  it("takes a link written by hand, and leaves out what is wrong", () => {
    const empty = { cameras: [], active: 0, at: null, view: null, rate: 1, paused: false, range: null, motion: null };
    expect(parseAddress(new URLSearchParams(""))).toEqual(empty);
    expect(
      parseAddress(new URLSearchParams("at=soon&view=x,y&speed=3&range=2026-11-29T14:00:00Z&active=7&paused=maybe")),
    ).toEqual(empty);
    expect(parseAddress(new URLSearchParams("camera=a&at=2026-11-29T14:03:07Z")).at).toBe(t - 250);
    const many = Array.from({ length: 20 }, (_, n) => `c${n}`);
    const listed = ["c0", ...many].map((id) => `camera=${id}`).join("&");
    expect(parseAddress(new URLSearchParams(listed)).cameras).toEqual(many.slice(0, 16));
  });
});
