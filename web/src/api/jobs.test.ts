import { expect, test } from "vitest";
import { withJob, type JobView } from "./jobs";

const job = (id: string, done = 0): JobView => ({
  id,
  kind: "indexCheck",
  state: "running",
  done,
  total: null,
  progress: null,
  ratePerSecond: null,
  secondsLeft: null,
  error: null,
  result: null,
  createdBy: "admin",
  createdAt: "2026-11-30T12:00:00Z",
  startedAt: null,
  finishedAt: null,
});

test("what the feed tells of a job takes its place, and a new one comes first", () => {
  expect(withJob([job("b"), job("a")], job("a", 7)).map((j) => [j.id, j.done])).toEqual([
    ["b", 0],
    ["a", 7],
  ]);
  expect(withJob([job("a")], job("b")).map((j) => j.id)).toEqual(["b", "a"]);
});
