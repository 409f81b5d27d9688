import type { Span } from "@/timeline/footage";
import { day } from "@/timeline/scale";
import { parseRegion, regionText, type Region } from "./region";

/** What is searched for; stands in the address of playback. */
export interface MotionWish {
  /** Null: the whole picture. */
  region: Region | null;
  /** Index into {@link sensitivities}. */
  sensitivity: number;
  /** Null until it is searched. */
  span: Span | null;
}

/** From the least sensitive: how much of a sixteenth by a sixteenth of the picture must have changed, in percent. */
export const sensitivities = [{ change: 70 }, { change: 35 }, { change: 15 }, { change: 6 }, { change: 2 }] as const;

export const usualSensitivity = 2;

/** The server searches no longer range. */
export const longestSearch = 7 * day;

const iso = (ms: number) => new Date(Math.round(ms)).toISOString();

export function formatWish({ region, sensitivity, span }: MotionWish): string[] {
  return [
    `motion=${region ? regionText(region) : "whole"}`,
    ...(sensitivity === usualSensitivity ? [] : [`sensitivity=${sensitivity}`]),
    ...(span ? [`searched=${iso(span.from)},${iso(span.to)}`] : []),
  ];
}

export function parseWish(search: URLSearchParams): MotionWish | null {
  const text = search.get("motion");
  if (!text) return null;
  const region = parseRegion(text);
  if (!region && text !== "whole") return null;
  const sensitivity = Number(search.get("sensitivity") ?? usualSensitivity);
  const [from, to] = (search.get("searched") ?? "").split(",").map((t) => Date.parse(t));
  return {
    region,
    sensitivity: sensitivities[sensitivity] ? sensitivity : usualSensitivity,
    span: from! < to! && to! - from! <= longestSearch ? { from: from!, to: to! } : null,
  };
}
