import type { DetectionFilter } from "@/api/detections";
import type { Span } from "@/timeline/footage";
import { day, hour } from "@/timeline/scale";

/** Times that are asked for often, up to now. */
export const lengths = {
  "1h": hour,
  "6h": 6 * hour,
  "24h": day,
  "7d": 7 * day,
  "30d": 30 * day,
  "90d": 90 * day,
} as const;
export type Length = keyof typeof lengths;

/** What is looked for; stands in the address. */
export interface SearchWish {
  cameras: string[];
  groups: string[];
  /** A length of time up to now, or a time of its own. */
  time: Length | Span;
  /** A part of that time; null: all of it. */
  narrow: Span | null;
  classes: string[];
  zone: string | null;
  line: string | null;
  direction: "in" | "out" | null;
  plate: string | null;
  motion: "moving" | "standing" | null;
  heading: Heading | null;
  minSeconds: number | null;
  maxSeconds: number | null;
  /** Parts of the picture's height, 0 to 1. */
  minSize: number | null;
  maxSize: number | null;
  minConfidence: number | null;
  state: "new" | "confirmed" | "false" | null;
}

export const headings = ["left", "right", "up", "down"] as const;
export type Heading = (typeof headings)[number];

export const usualTime: Length = "24h";

export const anything: SearchWish = {
  cameras: [],
  groups: [],
  time: usualTime,
  narrow: null,
  classes: [],
  zone: null,
  line: null,
  direction: null,
  plate: null,
  motion: null,
  heading: null,
  minSeconds: null,
  maxSeconds: null,
  minSize: null,
  maxSize: null,
  minConfidence: null,
  state: null,
};

const iso = (ms: number) => new Date(Math.round(ms)).toISOString();
const spanText = ({ from, to }: Span) => `${iso(from)},${iso(to)}`;

function parseSpan(text: string | null): Span | null {
  const [from, to] = (text ?? "").split(",").map((t) => Date.parse(t));
  return from! < to! ? { from: from!, to: to! } : null;
}

const isLength = (text: string | null): text is Length => text !== null && Object.hasOwn(lengths, text);

function numberOf(text: string | null, most: number): number | null {
  const value = Number(text);
  return text && value >= 0 && value <= most ? value : null;
}

const oneOf = <T extends string>(text: string | null, words: readonly T[]): T | null =>
  words.find((w) => w === text) ?? null;

/** What is missing or wrong is left at anything. */
export function parseWish(search: URLSearchParams): SearchWish {
  const time = search.get("time");
  const line = search.get("line") || null;
  return {
    cameras: [...new Set(search.getAll("camera"))],
    groups: [...new Set(search.getAll("group"))],
    time: isLength(time) ? time : (parseSpan(time) ?? usualTime),
    narrow: parseSpan(search.get("narrow")),
    classes: [...new Set(search.getAll("class"))],
    zone: search.get("zone") || null,
    line,
    direction: line ? oneOf(search.get("direction"), ["in", "out"]) : null,
    plate: search.get("plate") || null,
    motion: oneOf(search.get("moves"), ["moving", "standing"]),
    heading: oneOf(search.get("heading"), headings),
    minSeconds: numberOf(search.get("minSeconds"), 1e6),
    maxSeconds: numberOf(search.get("maxSeconds"), 1e6),
    minSize: numberOf(search.get("minSize"), 1),
    maxSize: numberOf(search.get("maxSize"), 1),
    minConfidence: numberOf(search.get("minConfidence"), 1),
    state: oneOf(search.get("state"), ["new", "confirmed", "false"]),
  };
}

/** The names of an address that are the wish's; others are left alone. */
const names = Object.keys(anything).map(
  (name) => ({ cameras: "camera", groups: "group", classes: "class", motion: "moves" })[name] ?? name,
);

/** The address with another wish in it. */
export function withWish(search: URLSearchParams, wish: SearchWish): URLSearchParams {
  const next = new URLSearchParams(search);
  names.forEach((name) => next.delete(name));
  wish.cameras.forEach((id) => next.append("camera", id));
  wish.groups.forEach((id) => next.append("group", id));
  wish.classes.forEach((name) => next.append("class", name));
  if (wish.time !== usualTime) next.set("time", typeof wish.time === "string" ? wish.time : spanText(wish.time));
  if (wish.narrow) next.set("narrow", spanText(wish.narrow));
  const { zone, line, direction, plate, motion, heading, state } = wish;
  const { minSeconds, maxSeconds, minSize, maxSize, minConfidence } = wish;
  const words = { zone, line, direction: line ? direction : null, plate, moves: motion, heading, state };
  for (const [name, value] of Object.entries(words)) if (value) next.set(name, value);
  const numbers = { minSeconds, maxSeconds, minSize, maxSize, minConfidence };
  for (const [name, value] of Object.entries(numbers)) if (value !== null) next.set(name, String(value));
  return next;
}

/** All of the time that is asked for. @param now When it was asked. */
export const wholeSpan = ({ time }: SearchWish, now: number): Span =>
  typeof time === "string" ? { from: now - lengths[time], to: now } : time;

/** As the API has it, without a time. */
export function filterOf(wish: SearchWish): DetectionFilter {
  const { zone, line, direction, plate, motion, heading, state } = wish;
  const { minSeconds, maxSeconds, minSize, maxSize, minConfidence } = wish;
  return {
    ...(wish.cameras.length > 0 && { cameraId: wish.cameras }),
    ...(wish.groups.length > 0 && { groupId: wish.groups }),
    ...(wish.classes.length > 0 && { class: wish.classes }),
    ...(zone !== null && { zone }),
    ...(line !== null && { line }),
    ...(line !== null && direction !== null && { direction }),
    // Whoever types a part of a plate means it anywhere in one.
    ...(plate !== null && { plate: /[*?]/.test(plate) ? plate : `*${plate}*` }),
    ...(motion !== null && { motion }),
    ...(heading !== null && { heading }),
    ...(state !== null && { state }),
    ...(minSeconds !== null && { minSeconds }),
    ...(maxSeconds !== null && { maxSeconds }),
    ...(minSize !== null && { minSize }),
    ...(maxSize !== null && { maxSize }),
    ...(minConfidence !== null && { minConfidence }),
  };
}

/** The same of every class: so that it can be said how many there are of the others. */
export function ofAllClasses<T extends DetectionFilter>(filter: T): Omit<T, "class"> {
  const rest = { ...filter };
  delete rest.class;
  return rest;
}

/** Of a stretch of time, as the API has it. One that reaches to now is open: what comes meanwhile belongs to it. */
export const timeOf = ({ from, to }: Span, now: number): { from: string; to?: string } => ({
  from: iso(from),
  ...(to < now && { to: iso(to) }),
});

/** How many of what few look for are chosen. */
export function attributeCount(wish: SearchWish): number {
  const { motion, heading, minSeconds, maxSeconds, minSize, maxSize, minConfidence, state } = wish;
  return [motion, heading, minSeconds ?? maxSeconds, minSize ?? maxSize, minConfidence, state].filter((v) => v !== null)
    .length;
}

export const isNarrowed = (wish: SearchWish): boolean => wish.narrow !== null || Object.keys(filterOf(wish)).length > 0;
