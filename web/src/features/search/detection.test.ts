import { expect, it } from "vitest";
import { byDay, lengthOf, nameOf, playbackOf } from "./detection";

it("is called by its class, or an object", () => {
  expect([nameOf({ class: "person" }), nameOf({ class: "shoppingCart" }), nameOf({ class: null })]).toEqual([
    "Person",
    "Shopping cart",
    "Object",
  ]);
});

it("is played from a little before it, or before it did what was asked for", () => {
  const detection = { cameraId: "a/b", at: "2026-12-01T10:00:00Z", matchedAt: null };
  expect(playbackOf(detection)).toBe("/playback?camera=a%2Fb&at=2026-12-01T09:59:57.000Z");
  expect(playbackOf({ ...detection, matchedAt: "2026-12-01T10:07:00Z" })).toBe(
    "/playback?camera=a%2Fb&at=2026-12-01T10:06:57.000Z",
  );
});

it("was there for a second at least, or nobody knows", () => {
  const at = "2026-12-01T10:00:00Z";
  expect(lengthOf({ at, endAt: "2026-12-01T10:02:00Z" })).toBe("2 min");
  expect(lengthOf({ at, endAt: at })).toBe("1 s");
  expect(lengthOf({ at, endAt: null })).toBeNull();
});

it("lies under its day", () => {
  const detections = ["2026-12-02T09:00:00Z", "2026-12-01T10:00:00Z", "2026-12-01T09:00:00Z"].map((at) => ({ at }));
  const day = (at: number) => new Date(at).toISOString().slice(8, 10);
  expect(byDay(detections, day).map(([name, all]) => `${name}:${all.length}`)).toEqual(["02:1", "01:2"]);
});
