import type { FeedMessage } from "@/api/feed";
import { classWords, eventTypes, eventWords, objectClasses } from "@/events/eventWords";
import { calledWords, shippedRules } from "@/events/ruleWords";
import { words } from "./words";

/** To one user, from the live feed (docs/ref/live-feed.md) or by web push. */
export interface NotificationMessage extends FeedMessage {
  id: string;
  at: string;
  title: string;
  text: string;
  eventType: string | null;
  cameraId: string | null;
  /** A path of this client. */
  url: string | null;
}

export const sounds = ["chime", "beep", "siren"] as const;
export type Sound = (typeof sounds)[number];

/** A rule wants to be heard. */
export interface SoundMessage extends FeedMessage {
  sound: Sound;
  ruleId: string;
  ruleName: string;
  eventId: string;
  /** Of the event. */
  at: string;
  cameraId: string | null;
}

/** The server names the event's type by its own name, and then the class of the object, in front of what else it knows. */
export function textWords({ eventType, text }: Pick<NotificationMessage, "eventType" | "text">): string {
  if (!eventType) return text;
  if (eventType === "notification.test") return words.testText;
  const [type, seen, ...rest] = text.split(", ");
  if (type !== eventType) return text;
  const seenWords = seen !== undefined && objectClasses().includes(seen) ? classWords(seen) : seen;
  return [eventWords(type), ...(seenWords === undefined ? [] : [seenWords]), ...rest].join(", ");
}

/** What the server says of itself, and rules that the installation began with; what somebody has named stays. */
export function titleWords(title: string): string {
  for (const [begin, word] of Object.entries(words.beginnings))
    if (title.startsWith(begin)) return word + titleWords(title.slice(begin.length));
  const rule = shippedRules().find((name) => title === name || title.startsWith(`${name}: `));
  return rule === undefined ? title : calledWords(rule) + title.slice(rule.length);
}

/** The same words for the service worker (`offline/worker.js`), which has none of its own. */
export const tableOfWords = () => ({
  test: words.testText,
  beginnings: words.beginnings,
  types: Object.fromEntries(eventTypes().map((type) => [type, eventWords(type)])),
  classes: Object.fromEntries(objectClasses().map((name) => [name, classWords(name)])),
  rules: Object.fromEntries(shippedRules().map((name) => [name, calledWords(name)])),
});

/** Of this client's own pages alone, whatever was sent: browsers read backslashes, too, as the way to another host. */
export function pathOf(url: unknown): string {
  if (typeof url !== "string" || !url.startsWith("/") || !URL.canParse(url, location.origin)) return "/";
  return new URL(url, location.origin).origin === location.origin ? url : "/";
}
