import { expect, test } from "vitest";
import { daysOf, roomOf } from "./room";

test("a terabyte holds eight cameras of 4 Mbit/s for some three days", () => {
  expect(daysOf(1e12, 8, 4e6)).toBeCloseTo(2.89, 2);
  expect(daysOf(1e12, 0, 4e6)).toBe(0);
});

test("what is moved to an archive later, or is not there, is no room for what is recorded now", () => {
  const pools = [
    { role: "record", state: "ready", capacityBytes: 100, usedBytes: 40, freeBytes: 60 },
    { role: "record", state: "ready", capacityBytes: null, usedBytes: 5, freeBytes: 15 },
    { role: "record", state: "away", capacityBytes: 1000 },
    { role: "archive", state: "ready", capacityBytes: 1000 },
  ];
  expect(roomOf(pools)).toBe(120);
});
