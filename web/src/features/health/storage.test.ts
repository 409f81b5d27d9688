import { describe, expect, it } from "vitest";
import { poolFill, poolTrouble, poolWords, type StoragePool } from "./storage";

const pool: StoragePool = {
  name: "main",
  role: "record",
  state: "ready",
  usedBytes: 300e9,
  freeBytes: 700e9,
  capacityBytes: 900e9,
  headroomHours: 30.4,
  forecastDays: 12,
  movedBytes: 0,
};

describe("a storage pool", () => {
  it("is filled by what recordings may fill, and by its disk while that is not known", () => {
    expect(poolFill(pool)).toBeCloseTo(1 / 3);
    expect(poolFill({ ...pool, capacityBytes: null })).toBeCloseTo(0.3);
    expect(poolFill({ ...pool, usedBytes: null, freeBytes: null, capacityBytes: null })).toBe(0);
    expect(poolFill({ ...pool, usedBytes: 2e12 })).toBe(1);
  });

  it("says what it is for, and what room it has", () => {
    expect(poolWords(pool)).toContain("cameras are recorded here · 300 GB of recordings · 700 GB free · room for 30 h");
    expect(poolWords({ ...pool, role: "archive", movedBytes: 5e9, headroomHours: 0.2 })).toMatch(
      /^recordings are moved here .*room for 12 minutes.*5\.0 GB moved here$/,
    );
  });

  it("tells what is wrong with it in words", () => {
    expect(poolTrouble(pool)).toBeNull();
    expect(poolTrouble({ ...pool, state: "away" })).toContain("mounted");
    expect(poolTrouble({ ...pool, state: "full" })).toContain("nothing is recorded into it");
    expect(poolTrouble({ ...pool, state: "failed" })).toContain("look at its disk");
  });
});
