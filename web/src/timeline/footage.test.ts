import { describe, expect, it } from "vitest";
import { footageFrom, gapAt, isFetched, joinTimelines, nextMark, noFootage } from "./footage";
import { fetchedWords, gapWords } from "./gapWords";

const at = (clock: string) => Date.parse(`2026-11-29T${clock}Z`);
const iso = (clock: string) => `2026-11-29T${clock}.000Z`;
const event = (clock: string, type: string) => ({
  id: type,
  type,
  cameraId: "a",
  cameraName: "Door",
  siteId: "default",
  siteName: "Site",
  at: iso(clock),
  endAt: null,
  source: "camera",
  class: null,
  confidence: null,
  box: null,
  zone: null,
  line: null,
  plate: null,
  snapshotUrl: null,
  snapshot: null,
  cropUrl: null,
  data: null,
});
const footage = joinTimelines([
  {
    recordings: [{ from: iso("10:00:00"), to: iso("11:00:00"), class: "continuous" }],
    gaps: [{ from: iso("09:50:00"), to: iso("10:00:00"), cause: "cameraOffline" }],
    events: [event("10:30:00", "motion"), event("10:00:00", "camera.online")],
  },
  {
    recordings: [
      { from: iso("11:00:00"), to: iso("11:30:00"), class: "continuous" },
      { from: iso("11:40:00"), to: iso("12:00:00"), class: "continuous" },
    ],
    gaps: [{ from: iso("11:30:00"), to: iso("11:40:00"), cause: "diskFull" }],
    events: [],
  },
]);

describe("footage", () => {
  it("grows together where the answers were cut", () => {
    expect(footage.recordings.map((r) => [r.from, r.to])).toEqual([
      [at("10:00:00"), at("11:30:00")],
      [at("11:40:00"), at("12:00:00")],
    ]);
  });

  it("finds the nearest video in a direction", () => {
    expect(footageFrom(footage.recordings, at("10:10:00"), 1)).toBe(at("10:10:00"));
    expect(footageFrom(footage.recordings, at("11:35:00"), 1)).toBe(at("11:40:00"));
    expect(footageFrom(footage.recordings, at("11:35:00"), -1)).toBe(at("11:30:00") - 500);
    expect(footageFrom(footage.recordings, at("12:35:00"), 1)).toBeNull();
    expect(footageFrom(footage.recordings, at("09:00:00"), -1)).toBeNull();
  });

  it("knows why nothing is recorded", () => {
    expect(gapAt(footage.gaps, at("11:35:00"))?.cause).toBe("diskFull");
    expect(gapAt(footage.gaps, at("10:35:00"))).toBeNull();
    expect(gapAt(footage.gaps, at("11:29:59"), 2000)?.cause).toBe("diskFull");
  });

  it("goes from mark to mark, to a loss from three seconds before it", () => {
    const forward = [at("10:05:00")];
    for (let next; (next = nextMark([footage], forward.at(-1)!, 1)) !== null;) forward.push(next);
    expect(forward.slice(1)).toEqual([at("10:30:00"), at("11:29:57"), at("11:40:00")]);
    expect(nextMark([footage, noFootage], at("10:30:00"), -1)).toBe(at("10:00:00"));
    expect(nextMark([noFootage], at("10:30:00"), -1)).toBeNull();
  });

  it("tells what the camera gave afterwards from what was recorded live", () => {
    const filled = joinTimelines([
      {
        recordings: [
          { from: iso("10:00:00"), to: iso("10:20:00"), class: "continuous" },
          { from: iso("10:20:00"), to: iso("10:30:00"), class: "continuous", source: "device" },
        ],
        gaps: [],
        events: [],
        filled: [{ from: iso("10:21:00"), to: iso("10:30:00"), cause: "cameraOffline" }],
      },
      {
        recordings: [
          { from: iso("10:30:00"), to: iso("10:40:00"), class: "continuous", source: "device" },
          { from: iso("10:40:00"), to: iso("11:00:00"), class: "continuous" },
        ],
        gaps: [],
        events: [],
      },
    ]);
    expect(filled.recordings).toEqual([{ from: at("10:00:00"), to: at("11:00:00") }]);
    expect(filled.fetched).toEqual([{ from: at("10:20:00"), to: at("10:40:00") }]);
    expect(filled.byClass.get("continuous")).toHaveLength(2);
    expect(isFetched(filled, at("10:19:59"))).toBe(false);
    expect(fetchedWords(filled, at("10:25:00"))).toBe(
      "Fetched from the camera's own storage; when it was live: Camera did not send video",
    );
    expect(fetchedWords(filled, at("10:35:00"))).toBe("Fetched from the camera's own storage");
    expect(fetchedWords(filled, at("10:45:00"))).toBeNull();
  });

  it("says causes it does not know in plain words", () => {
    expect(gapWords("diskFull")).toBe("Disk was full");
    expect(gapWords("storagePoolMoved")).toBe("Storage pool moved");
    expect(gapWords("none")).toBe("Nothing recorded, cause unknown");
  });
});
