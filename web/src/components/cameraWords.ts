import type { Camera } from "@/api/types";
import { wordFor } from "@/i18n/catalogue";
import { language } from "@/i18n/language";
import { words } from "./words";

/** What a camera does, in words for people, and how much it matters. */
export type Tone = "good" | "soft" | "warn" | "alarm";

export function stateWords(camera: Camera): { text: string; why: string | null; tone: Tone } {
  const text = words.states[camera.state];
  switch (camera.state) {
    case "online":
    case "idle":
    case "disabled":
      return { text, why: null, tone: camera.state === "online" ? "good" : "soft" };
    case "connecting":
      return { text, why: why(camera), tone: "soft" };
    case "unauthorized":
      return { text, why: why(camera) ?? words.reasons.badCredentials, tone: "alarm" };
    case "unsupported":
      return { text, why: why(camera) ?? words.reasons.unsupportedCodec, tone: "warn" };
    case "offline":
      return { text, why: why(camera) ?? words.reasons.unreachable, tone: "alarm" };
  }
}

/** The server's own sentence says more, but only in English. */
function why({ stateReason, stateDetail }: Camera): string | null {
  if (!stateReason) return null;
  const known = wordFor(words.reasons, stateReason);
  return (language() === "en" ? (stateDetail ?? known) : (known ?? stateDetail)) ?? stateReason;
}

export function recordingWords(camera: Camera): { text: string; tone: Tone } {
  const { state, stateReason, class: kind } = camera.recording;
  switch (state) {
    case "off":
    case "stopped":
      return { text: words.recording.off, tone: "soft" };
    case "recording":
      return { text: wordFor(words.recordingClasses, kind) ?? words.recording.on, tone: "good" };
    case "waiting":
      if (stateReason === "schedule") return { text: words.recording.offNow, tone: "soft" };
      if (stateReason === "noTrigger") return { text: words.recording.noTrigger, tone: "soft" };
      return { text: words.recording.noVideo, tone: "warn" };
    case "failed":
      return { text: wordFor(words.recordingFailures, stateReason) ?? words.recording.failed, tone: "alarm" };
    default:
      return { text: words.recording.starting, tone: "soft" };
  }
}

export const toneText: Record<Tone, string> = {
  good: "text-good",
  soft: "text-soft",
  warn: "text-warn",
  alarm: "text-alarm",
};

export const toneDot: Record<Tone, string> = {
  good: "bg-good",
  soft: "bg-faint",
  warn: "bg-warn",
  alarm: "bg-alarm",
};

/** A video format as people write it; takes the API's names and those of RFC 6381. */
export function codecWords(codec: string | null | undefined): string {
  if (!codec) return words.anotherFormat;
  if (/^(h265|hevc|hvc1|hev1)/i.test(codec)) return "H.265";
  if (/^(h264|avc)/i.test(codec)) return "H.264";
  return /^(mjpeg|mp4v|jpeg)/i.test(codec) ? "MJPEG" : codec;
}

/** At today's bitrate its recordings go sooner than was asked for. */
export function keepsTooShort({ recording: { forecastDays, retention } }: Camera): boolean {
  return forecastDays != null && retention.minAgeDays != null && forecastDays < retention.minAgeDays;
}
