import type { Camera } from "@/api/types";

/** What a camera does, in words for people, and how much it matters. */
export type Tone = "good" | "soft" | "warn" | "alarm";

const failedWords: Record<string, string> = {
  diskFull: "Stopped: disk full",
  poolAway: "Stopped: disk not there",
};

const reasons: Record<string, string> = {
  unreachable: "it does not answer",
  timeout: "it answers too slowly",
  noSuchPath: "it has no stream at this address",
  badCredentials: "it refuses the user name or password",
  unsupportedCodec: "its video format is not supported",
  noVideo: "it is connected but sends no video",
  noPublisher: "nobody sends its pictures to this server",
  limitReached: "this server has as many streams as it may",
  badCertificate: "its certificate is not the expected one, or TLS fails",
  protocolViolation: "it sends something that is not RTSP",
  mediaUnavailable: "the media service is restarting",
};

export function stateWords(camera: Camera): { text: string; why: string | null; tone: Tone } {
  const why = camera.stateReason ? (camera.stateDetail ?? reasons[camera.stateReason] ?? camera.stateReason) : null;
  switch (camera.state) {
    case "online":
      return { text: "Online", why: null, tone: "good" };
    case "connecting":
      return { text: "Connecting", why, tone: "soft" };
    case "idle":
      return { text: "Ready, nobody is watching", why: null, tone: "soft" };
    case "disabled":
      return { text: "Switched off", why: null, tone: "soft" };
    case "unauthorized":
      return { text: "Wrong password", why: why ?? reasons["badCredentials"]!, tone: "alarm" };
    case "unsupported":
      return { text: "Not supported", why: why ?? reasons["unsupportedCodec"]!, tone: "warn" };
    case "offline":
      return { text: "Offline", why: why ?? reasons["unreachable"]!, tone: "alarm" };
  }
}

const recordingNames: Record<string, string> = {
  motion: "Recording motion",
  event: "Recording an event",
  manual: "Recording by hand",
};

export function recordingWords(camera: Camera): { text: string; tone: Tone } {
  switch (camera.recording.state) {
    case "off":
    case "stopped":
      return { text: "Not recorded", tone: "soft" };
    case "recording":
      return { text: recordingNames[camera.recording.class ?? ""] ?? "Recording", tone: "good" };
    case "waiting":
      if (camera.recording.stateReason === "schedule") return { text: "Not recorded now", tone: "soft" };
      if (camera.recording.stateReason === "noTrigger") return { text: "Records when something happens", tone: "soft" };
      return { text: "Waiting for video", tone: "warn" };
    case "failed":
      return {
        text: failedWords[camera.recording.stateReason ?? ""] ?? "Recording failed",
        tone: "alarm",
      };
    default:
      return { text: "Starting", tone: "soft" };
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
  if (!codec) return "another format";
  if (/^(h265|hevc|hvc1|hev1)/i.test(codec)) return "H.265";
  if (/^(h264|avc)/i.test(codec)) return "H.264";
  return /^(mjpeg|mp4v|jpeg)/i.test(codec) ? "MJPEG" : codec;
}

/** At today's bitrate its recordings go sooner than was asked for. */
export function keepsTooShort({ recording: { forecastDays, retention } }: Camera): boolean {
  return forecastDays != null && retention.minAgeDays != null && forecastDays < retention.minAgeDays;
}
