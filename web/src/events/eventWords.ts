import { wordFor } from "@/i18n/catalogue";
import { plainWords } from "@/i18n/plainWords";
import { words } from "./words";

/** What a type of event is about, as people choose among them. */
export const eventKinds = ["scene", "camera", "recording", "storage", "system"] as const;
export type EventKind = (typeof eventKinds)[number];

/** Every type that the product itself makes; other programs have their own. */
export const eventTypes = (): string[] => Object.keys(words.types);

export function eventKindOf(type: string): EventKind {
  const first = type.split(".", 1)[0];
  switch (first) {
    case "camera":
    case "recording":
    case "storage":
    case "system":
      return first;
    case "retention":
      return "storage";
    default:
      return "scene";
  }
}

/** What happened, for people: "line.crossed" → "Line crossed". */
export const eventWords = (type: string): string => wordFor(words.types, type) ?? plainWords(type);

/** Why it happened: "fallingBehind" → "Cameras fall behind"; what is told in words stays so. */
export const reasonWords = (reason: string): string => wordFor(words.reasons, reason) ?? reason;

/** What of the product itself it is about: "recorder" → "Recorder". */
export const partWords = (part: string): string => wordFor(words.parts, part) ?? part;

/** What a detector saw: "car" → "Car". */
export const classWords = (name: string): string => wordFor(words.classes, name) ?? plainWords(name);

/** Classes and kinds of them, as rules ask for them. */
export const objectClasses = (): string[] => Object.keys(words.classes);

export const kindWords = (kind: EventKind): string => words.kinds[kind];
