import type { Device } from "@/api/device";
import type { StreamingStatus } from "@/api/health";
import type { Camera } from "@/api/types";
import { recordingWords, stateWords, type Tone } from "@/components/cameraWords";
import { lossOf, type Look } from "./history";

/** What the page says of one camera; null is what is not known. */
export interface Figures {
  camera: Camera;
  fps: number | null;
  bitrateBps: number | null;
  /** Part of the packets, 0 to 1. */
  loss: number | null;
  pictureAgeMs: number | null;
  clockOffsetMs: number | null;
  lostSeconds: number;
  history: readonly Look[];
}

export const columns = ["name", "state", "fps", "bitrate", "loss", "picture", "clock", "lost"] as const;
export type Column = (typeof columns)[number];

/** Camera by camera, of the main stream. */
export function figuresOf(
  cameras: readonly Camera[],
  status: StreamingStatus | undefined,
  devices: readonly Device[],
  looks: (of: { cameraId: string; stream: string }) => readonly Look[],
): Figures[] {
  const streams = new Map(status?.streams.filter((s) => s.stream === "main").map((s) => [s.cameraId, s]));
  const clocks = new Map(devices.map((d) => [d.cameraId, d.clockOffsetMs]));
  const now = status ? Date.parse(status.time) : 0;
  return cameras.map((camera) => {
    const main = camera.streams.find((s) => s.name === "main");
    const last = streams.get(camera.id)?.lastPictureAt;
    const history = looks({ cameraId: camera.id, stream: "main" });
    return {
      camera,
      fps: main?.fps ?? null,
      bitrateBps: main?.bitrateBps ?? null,
      loss: lossOf(history),
      pictureAgeMs: last ? Math.max(0, now - Date.parse(last)) : null,
      clockOffsetMs: clocks.get(camera.id) ?? null,
      lostSeconds: camera.recording.lostSecondsToday,
      history,
    };
  });
}

const badness: Record<Tone, number> = { alarm: 3, warn: 2, soft: 1, good: 0 };

function valueOf(figures: Figures, column: Column): number | string | null {
  switch (column) {
    case "name":
      return figures.camera.name;
    case "state":
      return badness[stateWords(figures.camera).tone] * 4 + badness[recordingWords(figures.camera).tone];
    case "fps":
      return figures.fps;
    case "bitrate":
      return figures.bitrateBps;
    case "loss":
      return figures.loss;
    case "picture":
      return figures.pictureAgeMs;
    case "clock":
      return figures.clockOffsetMs === null ? null : Math.abs(figures.clockOffsetMs);
    case "lost":
      return figures.lostSeconds;
  }
}

/** What is not known stands at the end, whichever way; of the same figure by name. */
export function sortedBy(all: readonly Figures[], column: Column, down: boolean): Figures[] {
  const byName = (a: Figures, b: Figures) =>
    a.camera.name.localeCompare(b.camera.name, undefined, { numeric: true, sensitivity: "base" });
  return all.toSorted((a, b) => {
    if (column === "name") return (down ? -1 : 1) * byName(a, b);
    const [x, y] = [valueOf(a, column) as number | null, valueOf(b, column) as number | null];
    if (x === null || y === null) return Number(x === null) - Number(y === null) || byName(a, b);
    return (down ? y - x : x - y) || byName(a, b);
  });
}
