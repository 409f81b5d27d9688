import type { EventView } from "@/api/events";
import { classWords, eventWords, partWords } from "@/events/eventWords";
import { wordFor } from "@/i18n/catalogue";
import { number } from "@/i18n/formats";
import { words } from "./words";

/** What an event's source adds, as far as this client shows it. */
export interface EventData {
  direction: string | undefined;
  count: number | undefined;
  modelHash: string | undefined;
  thresholds: [name: string, value: number][] | undefined;
  plateCountry: string | undefined;
  reason: string | undefined;
  detail: string | undefined;
  /** Of the product itself. */
  plane: string | undefined;
  trackId: string | number | undefined;
  /** Milliseconds since the event, when the object was in its box. */
  boxAtMs: number | undefined;
  /** Of one event that is asked for alone: milliseconds since it, where the object's feet were, and the size of its box. */
  path: unknown;
}

/** Programs and devices put in what they like: what is of another kind than it is shown as is left out. */
export function dataOf({ data }: Pick<EventView, "data">): EventData {
  const given = membersOf(data);
  const text = (name: string) => (typeof given[name] === "string" ? given[name] : undefined);
  const { count, thresholds, trackId, boxAtMs, path } = given;
  const shares = Object.entries(membersOf(thresholds)).filter((t): t is [string, number] => typeof t[1] === "number");
  return {
    direction: text("direction"),
    count: typeof count === "number" ? count : undefined,
    modelHash: text("modelHash"),
    thresholds: shares.length > 0 ? shares : undefined,
    plateCountry: text("plateCountry"),
    reason: text("reason"),
    detail: text("detail"),
    plane: text("plane"),
    trackId: typeof trackId === "string" || typeof trackId === "number" ? trackId : undefined,
    boxAtMs: typeof boxAtMs === "number" ? boxAtMs : undefined,
    path,
  };
}

const membersOf = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};

/** "87 %". */
export const percent = (part: number): string => words.percent(number(part * 100));

/** What tells one event from the next, beside what it is called: class, plate, zone, line with its direction, or the part of the product. */
export function factsOf(event: EventView): string[] {
  const facts: string[] = [];
  const seen = event.class && classWords(event.class);
  if (seen && seen !== eventWords(event.type)) facts.push(seen);
  if (event.plate) facts.push(event.plate);
  if (event.zone) facts.push(event.zone);
  if (event.line) facts.push(event.line);
  const direction = wordFor(words.directions, dataOf(event).direction);
  if (direction) facts.push(direction);
  const { plane } = dataOf(event);
  if (plane) facts.push(partWords(plane));
  return facts;
}

/** Who says so, for people: the parts of the product by what they do, other programs by their names. */
export function sourceWords(source: string): string {
  const [, kind, name] = /^(apiKey|sensor):(.+)$/s.exec(source) ?? [];
  if (kind === "apiKey") return words.ofApiKey(name!);
  if (kind === "sensor") return words.ofSensor(name!);
  return wordFor(words.sources, source) ?? source;
}
