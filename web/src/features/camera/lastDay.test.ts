import { expect, test } from "vitest";
import { runs, stretches } from "./lastDay";

const at = (minute: number) => new Date(Date.UTC(2026, 0, 1) + minute * 60_000).toISOString();
const span = (from: number, to: number) => ({ from: at(from), to: at(to) });
const of = (recordings: [number, number][], gaps: [number, number, string][]) =>
  stretches(
    {
      recordings: recordings.map(([a, b]) => ({ ...span(a, b), class: "continuous" })),
      gaps: gaps.map(([a, b, cause]) => ({ ...span(a, b), cause })),
      events: [],
    },
    Date.parse(at(0)),
    Date.parse(at(60)),
    6,
  );

test("a loss of a second is seen in a long time that was recorded", () => {
  expect(of([[0, 60]], [[25, 25.02, "cameraOffline"]])).toEqual([
    "recorded",
    "recorded",
    "lost",
    "recorded",
    "recorded",
    "recorded",
  ]);
});

test("what nobody wanted recorded is not lost", () => {
  expect(of([[0, 20]], [[20, 60, "schedule"]])).toEqual([
    "recorded",
    "recorded",
    "nothing",
    "nothing",
    "nothing",
    "nothing",
  ]);
});

test("what lies before and behind is left out", () => {
  expect(
    of(
      [
        [-30, 5],
        [55, 90],
      ],
      [],
    ).filter((s) => s === "recorded"),
  ).toHaveLength(2);
  expect(
    of(
      [
        [-30, 0],
        [60, 90],
      ],
      [],
    ),
  ).not.toContain("recorded");
});

test("neighbours of a kind are one", () => {
  expect(runs(["recorded", "recorded", "lost", "recorded"])).toEqual([
    { kind: "recorded", count: 2 },
    { kind: "lost", count: 1 },
    { kind: "recorded", count: 1 },
  ]);
});
