import { describe, expect, it } from "vitest";
import type { Export } from "@/api/exports";
import { dayAndClock } from "@/components/time";
import { alterationWords, bytes, lengthWords, outcomeWords, progressWords } from "./exportWords";

const base: Export = {
  id: "e1",
  state: "running",
  progress: 0.3,
  error: null,
  cameras: [{ id: "a", name: "Gate" }],
  from: "2026-11-21T09:30:00Z",
  to: "2026-11-21T09:31:00Z",
  format: "mp4",
  note: "",
  requestedBy: "anna",
  requestedAt: "2026-11-21T10:00:00Z",
  finishedAt: null,
  expiresAt: null,
  bytesDone: 12_000_000,
  bytesTotal: 40_000_000,
  files: [],
  watermark: null,
  burnIn: null,
  unlookedSeconds: null,
  manifestUrl: null,
  zipUrl: null,
  zipBytes: null,
};

describe("an export in words", () => {
  it("says what makes its files other than recorded", () => {
    expect(alterationWords(base)).toBeNull();
    expect(alterationWords({ ...base, format: "mkv" })).toBe("MKV");
    const masks = [{ box: [0, 0, 0.5, 0.5] as [number, number, number, number] }];
    expect(alterationWords({ ...base, watermark: "For court", burnIn: { time: true, masks } })).toBe(
      "with the time, “For court”, 1 hidden area",
    );
    expect(alterationWords({ ...base, format: "mkv", burnIn: { time: false, masks: [...masks, ...masks] } })).toBe(
      "MKV with 2 hidden areas",
    );
    expect(alterationWords({ ...base, burnIn: { faces: true } })).toBe("with hidden faces");
  });

  it("has sizes as file managers write them", () => {
    expect([999, 1_500, 999_499, 999_500, 12_345_678, 4_200_000_000].map(bytes)).toEqual([
      "999 bytes",
      "1.5 kB",
      "999 kB",
      "1.0 MB",
      "12 MB",
      "4.2 GB",
    ]);
  });

  it("never says that less time went unwatched than did", () => {
    expect([0.2, 59.2, 61, 3541, 3601, 7200].map(lengthWords)).toEqual([
      "1 s",
      "1 min",
      "2 min",
      "1 h",
      "1 h 1 min",
      "2 h",
    ]);
  });

  it("says how far it is once that is known", () => {
    expect(progressWords(base)).toBe("12 MB of 40 MB");
    expect(progressWords({ ...base, bytesTotal: null })).toBeNull();
    expect(progressWords({ ...base, state: "queued" })).toBeNull();
  });

  it("says what came of it", () => {
    const expiresAt = "2026-11-24T12:00:00Z";
    expect(outcomeWords({ ...base, state: "done", expiresAt })).toBe(
      `kept until ${dayAndClock(Date.parse(expiresAt))}`,
    );
    expect(outcomeWords({ ...base, state: "done", expiresAt, unlookedSeconds: 0.2 })).not.toContain("faces");
    expect(outcomeWords({ ...base, state: "done", expiresAt, unlookedSeconds: 61 })).toContain(
      "faces not hidden for 2 min",
    );
    expect(outcomeWords({ ...base, state: "failed", error: { code: "noRoom", message: "It takes 3 GB." } })).toBe(
      "It takes 3 GB.",
    );
    expect(outcomeWords({ ...base, state: "expired" })).toBe("its files were removed");
    expect(outcomeWords({ ...base, state: "cancelled" })).toBeNull();
  });
});
