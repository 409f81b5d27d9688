import { expect, test } from "vitest";
import type { JobView } from "@/api/jobs";
import { kindWords, progressWords, resultWords } from "./jobWords";

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
  expect(progressWords(job({ kind: "fetch", done: 3600, total: 10_800, ratePerSecond: 90, secondsLeft: 80 }))).toBe(
    "1 h of 3 h, 1 min per second, 1 min left",
  );
  expect(
    progressWords(
      job({ kind: "move", done: 2_500_000, total: 80_000_000, ratePerSecond: 12_000_000, secondsLeft: 6.4 }),
    ),
  ).toBe("2.5 of 80 MB, 12.0 MB per second, 6 s left");
  expect(progressWords(job({ total: null, ratePerSecond: null, secondsLeft: null }))).toBe("");
});

test("fetching is called so", () => {
  expect(kindWords(job({ kind: "fetch" }))).toBe("Fetching recordings");
});

test("finished work says what came of it", () => {
  expect(resultWords(job({ state: "done", result: { findings: 0, files: 310 } }))).toBe(
    "Nothing is wrong, 310 files looked at",
  );
  expect(resultWords(job({ state: "done", result: { added: 7, refused: 1, lines: [] } }))).toBe("7 added, 1 failed");
  expect(resultWords(job({ kind: "fetch", state: "done", result: { filledSeconds: 754.5, bytes: 340_000_000 } }))).toBe(
    "12 min fetched, 340 MB",
  );
  expect(resultWords(job({ kind: "fetch", state: "done", result: { filledSeconds: 0, bytes: 0 } }))).toBe(
    "The device has nothing of what is missing",
  );
  expect(resultWords(job({ kind: "move", state: "done", result: { segments: 310, bytes: 34_000_000, left: 1 } }))).toBe(
    "34 MB moved, 1 file stays where it is",
  );
  expect(resultWords(job({ kind: "move", state: "done", result: { segments: 0, bytes: 0, left: 0 } }))).toBe(
    "There was nothing to move",
  );
  expect(resultWords(job({ state: "running", result: null }))).toBeNull();
});

test("a search for devices counts its questions, and says how many answered", () => {
  expect(progressWords(job({ kind: "scan", done: 400, total: 2286, ratePerSecond: 200, secondsLeft: null }))).toContain(
    "400 of 2286 questions",
  );
  expect(resultWords(job({ kind: "scan", state: "done", result: { found: 3, devices: [{}, {}, {}] } }))).toBe(
    "3 devices found",
  );
  expect(resultWords(job({ kind: "scan", state: "done", result: { found: 0 } }))).toBe("No device found");
});
