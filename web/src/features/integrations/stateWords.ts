import type { Tone } from "@/components/cameraWords";
import { words } from "./words";

/** How a connection is, in words for people, and how much it matters. */
export function linkWords(state: string): { text: string; tone: Tone } {
  switch (state) {
    case "connected":
      return { text: words.states.connected, tone: "good" };
    case "connecting":
      return { text: words.states.connecting, tone: "warn" };
    case "failed":
      return { text: words.states.failed, tone: "alarm" };
    default:
      return { text: words.states.off, tone: "soft" };
  }
}

/** As `linkWords`, of a mail server: nothing stays connected to it, its last message tells. */
export function mailWords(state: string): { text: string; tone: Tone } {
  switch (state) {
    case "connected":
      return { text: words.mailStates.connected, tone: "good" };
    case "connecting":
      return { text: words.mailStates.connecting, tone: "soft" };
    case "failed":
      return { text: words.mailStates.failed, tone: "alarm" };
    default:
      return { text: words.states.off, tone: "soft" };
  }
}
