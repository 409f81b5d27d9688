import { describe, expect, test } from "vitest";
import { stillCaption } from "./stillCaption";

const at = "2026-12-01T08:30:00.000Z";
const of = (stream: string | null, capturedAt: string | null, missing: string | null = null) =>
  stillCaption({ at, snapshot: { stream, capturedAt, missing } });

describe("what stands beside a still", () => {
  test("is short for the main stream's picture of the moment", () => {
    expect(of("main", "2026-12-01T08:29:59.960Z")).toBe("The still that was taken for it.");
  });

  test("says how late it is, and how early", () => {
    expect(of("main", "2026-12-01T08:30:03.240Z")).toContain("3.2 s after");
    expect(of("main", "2026-12-01T08:29:56.500Z")).toContain("3.5 s before");
  });

  test("says that it is the small stream's, whenever it was taken", () => {
    expect(of("sub", at)).toContain("small stream");
    expect(of("sub", "2026-12-01T08:29:55.000Z")).toMatch(/5\.0 s before.*small stream/);
  });

  test("says that there is none, and why", () => {
    expect(of(null, null, "noVideo")).toBe("The camera sent no picture at this time.");
    expect(of(null, null, "undecodable")).toContain("decoded");
    expect(of(null, null, "tooOld")).toBe("There is no picture of this moment."); // not the camera's fault
  });

  test("of a server that does not say what it shows is the short one", () => {
    expect(stillCaption({ at, snapshot: null })).toBe("The still that was taken for it.");
  });
});
