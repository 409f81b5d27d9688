/** What a live player is doing. A union, so that impossible combinations cannot be written. */
export type Transport = "webrtc" | "mse" | "hls";

/** How WebRTC's packets come: each is worse than the one before. */
export type Way = "udp" | "tcp" | "relay";

export type PlayerState =
  | { kind: "connecting"; transport: Transport; attempt: number }
  | { kind: "playing"; transport: Transport; attempt: number; way?: Way | undefined; reason?: string | undefined }
  | { kind: "stalled"; transport: Transport; since: number }
  | { kind: "waiting"; error: PlayerError; attempt: number; retryInMs: number }
  | { kind: "failed"; error: PlayerError };

/** Why there is no picture, with the words the tile shows. */
export type PlayerError = { code: string; message: string };

/** Time arrives as an event; the reducer has no timers and no DOM. */
export type PlayerEvent =
  | { type: "start"; transport: Transport }
  | { type: "frame"; transport: Transport; way?: Way | undefined; reason?: string | undefined }
  | { type: "silent"; now: number }
  | { type: "lost"; error: PlayerError }
  | { type: "refused"; error: PlayerError };

/**
 * Back-off after a loss: often around the second that a restarting plane takes, then every second, so that a link that comes back after
 * however long brings the picture within two. Not more often: Chromium holds back a page's WebSockets once some twenty in a row have failed.
 */
const retryDelaysMs = [100, 200, 200, 100, 100, 100, 100, 100, 200, 200, 200, 400, 600, 1000];

export function retryDelay(attempt: number): number {
  return retryDelaysMs[Math.min(attempt, retryDelaysMs.length - 1)] ?? 1000;
}

export const initialState: PlayerState = { kind: "connecting", transport: "webrtc", attempt: 0 };

/** What comes after a transport that does not work here. The last one is followed by the first: networks change. */
export const nextTransport: Record<Transport, Transport> = { webrtc: "mse", mse: "hls", hls: "webrtc" };

/** What the operator reads. */
export const transportNames: Record<Transport, string> = { webrtc: "WebRTC", mse: "MSE", hls: "HLS" };

/** Pure. `attempt` counts the losses since the last picture. */
export function next(state: PlayerState, event: PlayerEvent): PlayerState {
  switch (event.type) {
    case "start":
      return { kind: "connecting", transport: event.transport, attempt: attemptOf(state) };
    case "frame":
      return state.kind === "playing" && state.transport === event.transport && state.way === event.way
        ? state
        : { kind: "playing", transport: event.transport, attempt: 0, way: event.way, reason: event.reason };
    case "silent":
      return state.kind === "playing" ? { kind: "stalled", transport: state.transport, since: event.now } : state;
    case "lost": {
      const attempt = attemptOf(state);
      return { kind: "waiting", error: event.error, attempt: attempt + 1, retryInMs: retryDelay(attempt) };
    }
    case "refused":
      return { kind: "failed", error: event.error };
  }
}

function attemptOf(state: PlayerState): number {
  return state.kind === "connecting" || state.kind === "playing" || state.kind === "waiting" ? state.attempt : 0;
}
