import type { FeedMessage } from "@/api/feed";
import { eventWords } from "@/events/eventWords";
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

/** The server names the event's type by its own name, in front of what else it knows. */
export function textWords({ eventType, text }: Pick<NotificationMessage, "eventType" | "text">): string {
  if (!eventType) return text;
  if (eventType === "notification.test") return words.testText;
  if (text !== eventType && !text.startsWith(`${eventType},`)) return text;
  return eventWords(eventType) + text.slice(eventType.length);
}

/** Of this client's own pages alone, whatever was sent: browsers read backslashes, too, as the way to another host. */
export function pathOf(url: unknown): string {
  if (typeof url !== "string" || !url.startsWith("/") || !URL.canParse(url, location.origin)) return "/";
  return new URL(url, location.origin).origin === location.origin ? url : "/";
}
