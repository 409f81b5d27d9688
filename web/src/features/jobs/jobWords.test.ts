import { expect, test } from "vitest";
import type { JobView } from "@/api/jobs";
import { progressWords, resultWords } from "./jobWords";

const job = (part: Partial<JobView>): JobView => ({
  id: "j",
  kind: "indexCheck",
  state: "running",
  done: 12,
  total: 40,
  progress: 0.3,
  ratePerSecond: 3,
  secondsLeft: 9.3,
  error: null,
  result: null,
  createdBy: "admin",
  createdAt: "2026-11-30T12:00:00Z",
  startedAt: "2026-11-30T12:00:00Z",
  finishedAt: null,
  ...part,
});

test("running work says how far it is, how fast, and how long yet", () => {
  expect(progressWords(job({}))).toBe("12 of 40 cameras, 3.0 per second, 9 s left");
  expect(
    progressWords(job({ kind: "export", done: 2_500_000, total: 80_000_000, ratePerSecond: null, secondsLeft: null })),
  ).toBe("2.5 of 80 MB");
  expect(progressWords(job({ total: null, ratePerSecond: null, secondsLeft: null }))).toBe("");
});

test("finished work says what came of it", () => {
  expect(resultWords(job({ state: "done", result: { findings: 0, files: 310 } }))).toBe(
    "Nothing is wrong, 310 files looked at",
  );
  expect(resultWords(job({ state: "done", result: { added: 7, refused: 1, lines: [] } }))).toBe("7 added, 1 failed");
  expect(resultWords(job({ state: "running", result: null }))).toBeNull();
});
