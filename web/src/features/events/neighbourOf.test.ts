import { expect, test } from "vitest";
import { neighbourOf } from "./neighbourOf";

const [c, b, a] = ["03", "02", "01"].map((second) => ({ at: `2026-12-01T08:00:${second}.000Z` })) as [
  { at: string },
  { at: string },
  { at: string },
];
const items = [c, b, a];

test("before and after it are those beside it, and nothing at the ends", () => {
  expect(neighbourOf(items, 1, b, 1)).toBe(a);
  expect(neighbourOf(items, 1, b, -1)).toBe(c);
  expect(neighbourOf(items, 2, a, 1)).toBeUndefined();
  expect(neighbourOf(items, 0, c, -1)).toBeUndefined();
});

test("what left the list has those beside it that were there before", () => {
  expect(neighbourOf([c, a], -1, b, 1)).toBe(a);
  expect(neighbourOf([c, a], -1, b, -1)).toBe(c);
});

test("what is not known yet has none", () => {
  expect(neighbourOf(items, -1, undefined, 1)).toBeUndefined();
});
