import { describe, expect, it } from "vitest";
import { anything, attributeCount, filterOf, parseWish, timeOf, wholeSpan, withWish, type SearchWish } from "./wish";

const at = (text: string) => Date.parse(text);

const wished: SearchWish = {
  cameras: ["a", "b"],
  groups: ["g"],
  time: { from: at("2026-11-01T00:00:00Z"), to: at("2026-11-08T00:00:00Z") },
  narrow: { from: at("2026-11-02T10:00:00Z"), to: at("2026-11-02T12:00:00Z") },
  classes: ["person", "car"],
  zone: "Ramp",
  line: "Gate & yard",
  direction: "in",
  plate: "B-AB*",
  motion: "moving",
  heading: "left",
  minSeconds: 2,
  maxSeconds: 60,
  minSize: 0.1,
  maxSize: 0.5,
  minConfidence: 0.8,
  state: "confirmed",
};

describe("the address", () => {
  it("says all of what is looked for, and nothing of anything", () => {
    expect(parseWish(new URLSearchParams(withWish(new URLSearchParams(), wished).toString()))).toEqual(wished);
    expect(withWish(new URLSearchParams(), anything).toString()).toBe("");
    expect(parseWish(new URLSearchParams())).toEqual(anything);
  });

  it("keeps what is not of the search, and loses what is no longer looked for", () => {
    const search = withWish(new URLSearchParams("result=x&class=dog&zone=Yard&time=7d"), { ...anything, time: "1h" });
    expect(search.toString()).toBe("result=x&time=1h");
  });

  it.each([
    "time=soon",
    "time=2026-11-08T00:00:00Z,2026-11-01T00:00:00Z",
    "minSize=2",
    "heading=north",
    "direction=in",
  ])("that says %s asks for anything", (text) => expect(parseWish(new URLSearchParams(text))).toEqual(anything));
});

describe("the question to the server", () => {
  it("holds what is looked for", () => {
    expect(filterOf(wished)).toEqual({
      cameraId: ["a", "b"],
      groupId: ["g"],
      class: ["person", "car"],
      zone: "Ramp",
      line: "Gate & yard",
      direction: "in",
      plate: "B-AB*",
      motion: "moving",
      heading: "left",
      minSeconds: 2,
      maxSeconds: 60,
      minSize: 0.1,
      maxSize: 0.5,
      minConfidence: 0.8,
      state: "confirmed",
    });
    expect(filterOf(anything)).toEqual({});
  });

  it("means a plate without wildcards anywhere in one", () =>
    expect(filterOf({ ...anything, plate: "AB 12" })).toEqual({ plate: "*AB 12*" }));

  it("is open at its end when it reaches to now", () => {
    const now = at("2026-11-02T00:00:00Z");
    const span = wholeSpan({ ...anything, time: "1h" }, now);
    expect(timeOf(span, now)).toEqual({ from: "2026-11-01T23:00:00.000Z" });
    expect(timeOf({ from: span.from, to: now - 1 }, now)).toEqual({
      from: "2026-11-01T23:00:00.000Z",
      to: "2026-11-01T23:59:59.999Z",
    });
  });
});

it("says how many attributes are chosen", () => {
  expect(attributeCount(anything)).toBe(0);
  expect(attributeCount(wished)).toBe(6);
});
