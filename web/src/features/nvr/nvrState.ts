import type { NvrView } from "@/api/nvr";
import type { Tone } from "@/components/cameraWords";
import { wordFor } from "@/i18n/catalogue";
import { words } from "./words";

/** How a recorder is, in words for people, and how much it matters. */
export function nvrState({ state }: Pick<NvrView, "state">): { text: string; tone: Tone } {
  return { text: wordFor(words.states, state) ?? state, tone: state === "online" ? "good" : "alarm" };
}
