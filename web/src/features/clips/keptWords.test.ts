import { expect, test } from "vitest";
import type { KeptCamera } from "@/api/kept";
import { playbackOf, troubleOf } from "./keptWords";

const camera: KeptCamera = {
  cameraId: "a",
  cameraName: "Door",
  state: "kept",
  until: null,
  recordedSeconds: 60,
  missingSeconds: 0,
  deletedSeconds: null,
};

test("a camera says what is missing, and whether it had been deleted", () => {
  expect(troubleOf(camera)).toBeNull();
  expect(troubleOf({ ...camera, missingSeconds: 1.5 })).toBeNull();
  expect(troubleOf({ ...camera, state: "pending" })).toContain("not yet kept");
  expect(troubleOf({ ...camera, recordedSeconds: 0, missingSeconds: 60 })).toBe("nothing recorded");
  expect(troubleOf({ ...camera, missingSeconds: 180 })).toBe("3 min not recorded");
  expect(troubleOf({ ...camera, missingSeconds: 180, deletedSeconds: 120 })).toContain("had been deleted before");
});

test("playback opens at the beginning, with the range selected and no more cameras than play on one clock", () => {
  const cameras = Array.from({ length: 20 }, (_, n) => `c${n}`).map((cameraId) => ({ ...camera, cameraId }));
  const link = playbackOf({ cameras, from: "2026-11-21T12:00:00.000Z", to: "2026-11-21T12:01:00.000Z" });
  expect(link).toContain("range=2026-11-21T12:00:00.000Z,2026-11-21T12:01:00.000Z");
  expect(link).toContain("at=2026-11-21T12:00:00.000Z");
  expect(link.match(/camera=/g)).toHaveLength(16);
});
