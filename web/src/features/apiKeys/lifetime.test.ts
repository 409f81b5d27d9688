import { expect, test } from "vitest";
import { endOf } from "./lifetime";

const now = Date.UTC(2026, 10, 30, 12);

test("a key ends after as many days, never, or with the end of a day here", () => {
  expect(endOf("30", "", now)).toBe("2026-12-30T12:00:00.000Z");
  expect(endOf("never", "", now)).toBeNull();
  expect(endOf("date", "2026-12-31", now)).toBe(new Date(2027, 0, 1).toISOString());
});
