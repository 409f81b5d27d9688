import { formatWish, parseWish, type MotionWish } from "@/features/motion/wish";
import type { Span } from "@/timeline/footage";
import { second, type View } from "@/timeline/scale";

/** More are not played on one clock. */
export const maxCameras = 16;

/** Everything that a link to playback reproduces. */
export interface PlaybackAddress {
  cameras: string[];
  /** Which of them the tools are about. */
  active: number;
  /** Null: a moment ago. */
  at: number | null;
  view: View | null;
  /** Negative: backwards. */
  rate: number;
  paused: boolean;
  range: Span | null;
  /** The motion search that is open. */
  motion: MotionWish | null;
}

export const rates = [0.25, 0.5, 1, 2, 4, 8, 16];

/** `?camera=A&camera=B&at=ISO&view=ISO,SECONDS&speed=2&range=ISO,ISO&paused=1&active=1`; what is missing or wrong is left at its default. */
export function parseAddress(search: URLSearchParams): PlaybackAddress {
  const cameras = [...new Set(search.getAll("camera"))].slice(0, maxCameras);
  const rate = Number(search.get("speed") ?? 1);
  const active = Number(search.get("active") ?? 0);
  const [viewFrom, viewSeconds] = (search.get("view") ?? "").split(",");
  const left = time(viewFrom);
  const span = Number(viewSeconds) * second;
  const [from, to] = (search.get("range") ?? "").split(",").map(time);
  return {
    cameras,
    active: Number.isInteger(active) && active >= 0 && active < cameras.length ? active : 0,
    at: time(search.get("at") ?? ""),
    view: left !== null && span > 0 ? { from: left, to: left + span } : null,
    rate: rates.includes(Math.abs(rate)) ? rate : 1,
    paused: search.get("paused") === "1",
    range: from != null && to != null && from < to ? { from, to } : null,
    motion: parseWish(search),
  };
}

export function formatAddress({ cameras, active, at, view, rate, paused, range, motion }: PlaybackAddress): string {
  const search = cameras.map((id) => `camera=${encodeURIComponent(id)}`);
  if (active > 0) search.push(`active=${active}`);
  if (at !== null) search.push(`at=${iso(at)}`);
  if (view) search.push(`view=${iso(view.from)},${Number(((view.to - view.from) / second).toFixed(3))}`);
  if (rate !== 1) search.push(`speed=${rate}`);
  if (paused) search.push("paused=1");
  if (range) search.push(`range=${iso(range.from)},${iso(range.to)}`);
  if (motion) search.push(...formatWish(motion));
  return `?${search.join("&")}`;
}

const iso = (ms: number) => new Date(Math.round(ms)).toISOString();

function time(text: string | undefined): number | null {
  const at = Date.parse(text ?? "");
  return Number.isNaN(at) ? null : at;
}
