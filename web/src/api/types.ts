/** Shapes of the API's answers, as far as the client uses them. Times are ISO 8601 UTC. */

export interface Page<T> {
  items: T[];
  nextCursor?: string | null;
}

export type CameraStateName =
  "online" | "connecting" | "idle" | "offline" | "unauthorized" | "unsupported" | "disabled";

export interface CameraStream {
  name: string;
  state: string;
  codec?: string | null;
  width?: number | null;
  height?: number | null;
  fps?: number | null;
  bitrateBps?: number | null;
  audioCodec?: string | null;
  /** It brings an ONVIF metadata track, in which the camera can report motion and other events. */
  metadata: boolean;
}

export type RecordingMode = "continuous" | "motion" | "event" | "off";

/** A span of the week in which another mode applies; it ends the day after when `to` is not behind `from`. */
export interface ScheduleEntry {
  days: string[];
  from: string;
  to: string;
  mode: RecordingMode;
}

export interface ManualRecording {
  until: string;
  reason: string;
  by: string;
}

/** One fragment that was read back from the disk: `at` when, `from` when it was recorded. */
export interface ReadBack {
  at: string;
  from: string;
  result: "good" | "notDecoded" | "gone" | "unreadable" | "altered" | "undecodable";
  detail?: string | null;
}

export interface Camera {
  id: string;
  name: string;
  enabled: boolean;
  siteId: string;
  mainUrl: string;
  subUrl?: string | null;
  username?: string | null;
  hasPassword: boolean;
  transport: "auto" | "tcp" | "udp";
  onDemand: boolean;
  allowBasicInClear: boolean;
  state: CameraStateName;
  stateReason?: string | null;
  stateDetail?: string | null;
  stateSince?: string | null;
  retryAt?: string | null;
  recording: {
    mode: RecordingMode;
    state: string;
    stateReason?: string | null;
    class?: string | null;
    manual?: ManualRecording | null;
    schedule: ScheduleEntry[];
    timeZone?: string | null;
    stream: RecordedStream;
    preRoll: number;
    postRoll: number;
    segmentSeconds: number;
    format: RecordingFormat;
    retention: { maxAgeDays?: number | null; maxBytes?: number | null; minAgeDays?: number | null };
    bytesToday: number;
    lostSecondsToday: number;
    /** So many days are kept at the bitrate of the last day. */
    forecastDays?: number | null;
    readBack?: ReadBack | null;
  };
  analytics: { enabled: boolean };
  streams: CameraStream[];
  generation: number;
}

/** Which of a camera's streams are recorded. */
export type RecordedStream = "main" | "sub" | "both";

/** Of the recorded files. */
export type RecordingFormat = "fmp4" | "mkv";

export interface RecordingInput {
  mode?: RecordingMode;
  stream?: RecordedStream;
  schedule?: ScheduleEntry[] | null;
  timeZone?: string;
  preRoll?: number;
  postRoll?: number;
  segmentSeconds?: number;
  format?: RecordingFormat;
  retention?: { maxAgeDays?: number | null; minAgeDays?: number | null };
}

export interface CameraInput {
  name?: string;
  mainUrl?: string;
  subUrl?: string | null;
  username?: string | null;
  password?: string | null;
  transport?: "auto" | "tcp" | "udp";
  allowBasicInClear?: boolean;
  enabled?: boolean;
  recording?: RecordingInput;
  analytics?: { enabled: boolean };
}

/** What an account can be allowed to do. */
export type Permission =
  | "cameras.read"
  | "cameras.write"
  | "live.view"
  | "streams.publish"
  | "recordings.read"
  | "recordings.start"
  | "recordings.export"
  | "recordings.delete"
  | "recordings.hold"
  | "bookmarks.write"
  | "clips.write"
  | "events.read"
  | "events.write"
  | "ptz.control"
  | "imaging.write"
  | "relays.write"
  | "devices.discover"
  | "users.read"
  | "users.write"
  | "roles.write"
  | "apikeys.write"
  | "audit.read"
  | "sites.write"
  | "groups.write"
  | "layouts.write"
  | "jobs.read"
  | "jobs.write"
  | "servers.write"
  | "tenants.write"
  | "system.read"
  | "system.write";

export interface Me {
  id: string;
  username: string;
  /** The built-in role for everything that says most; empty when there is none. */
  role: string;
  tenantId: string;
  /** What holds for something at least; the scopes say for what. */
  permissions: Permission[];
  scopes: MeScope[];
}

/** What is allowed for everything (`tenant`), or for one site, camera group or camera. */
export interface MeScope {
  scope: "tenant" | "site" | "group" | "camera";
  scopeId?: string | null;
  permissions: Permission[];
}

export interface LiveAnswer {
  ticket: string;
  /** The one that the addresses lead to; a name of its own where it is converted. */
  stream: string;
  expiresAt: string;
  whepUrl: string;
  mseUrl: string;
  hlsUrl: string;
  iceServers: { urls: string[]; username?: string; credential?: string }[];
}

export interface Timeline {
  recordings: { from: string; to: string; class: string }[];
  gaps: { from: string; to: string; cause: string }[];
  events: { at: string; type: string }[];
}
