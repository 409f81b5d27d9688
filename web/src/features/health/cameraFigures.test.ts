import { expect, test } from "vitest";
import type { Device } from "@/api/device";
import type { StreamingStatus } from "@/api/health";
import type { Camera } from "@/api/types";
import { figuresOf, sortedBy } from "./cameraFigures";

const camera = (name: string, state: Camera["state"], fps: number | null, lostSecondsToday = 0) =>
  ({
    id: `cam_${name}`,
    name,
    state,
    stateReason: null,
    stateDetail: null,
    recording: { state: "recording", stateReason: null, class: "continuous", lostSecondsToday },
    streams: [{ name: "main", fps, bitrateBps: null }],
  }) as unknown as Camera;

const cameras = [camera("Yard", "online", 25), camera("Attic", "offline", null, 12), camera("Gate", "online", 12)];
const status = {
  time: "2026-07-01T12:00:10Z",
  streams: [
    { cameraId: "cam_Yard", stream: "sub", lastPictureAt: "2026-07-01T11:00:00Z" },
    { cameraId: "cam_Yard", stream: "main", lastPictureAt: "2026-07-01T12:00:08Z" },
  ],
} as StreamingStatus;
const devices = [{ cameraId: "cam_Gate", clockOffsetMs: -90_000 }] as Device[];
const figures = figuresOf(cameras, status, devices, () => []);

test("how old the last picture is follows from the server's clock, of the main stream", () => {
  expect(figures.map((f) => f.pictureAgeMs)).toEqual([2_000, null, null]);
});

const names = (...by: Parameters<typeof sortedBy>) => sortedBy(...by).map((f) => f.camera.name);

test("the worst comes first, and of those that are well the order is that of their names", () => {
  expect(names(figures, "state", true)).toEqual(["Attic", "Gate", "Yard"]);
});

test("what is not known stands at the end, whichever way", () => {
  expect(names(figures, "fps", false)).toEqual(["Gate", "Yard", "Attic"]);
  expect(names(figures, "fps", true)).toEqual(["Yard", "Gate", "Attic"]);
});

test("a clock that is behind is as bad as one that is ahead", () => {
  expect(names(figures, "clock", true)[0]).toBe("Gate");
  expect(names(figures, "lost", true)[0]).toBe("Attic");
});
