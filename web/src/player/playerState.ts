/** What a live player is doing. A union, so that impossible combinations cannot be written. */
export type Transport = "webrtc" | "mse";

export type PlayerState =
  | { kind: "connecting"; transport: Transport; attempt: number }
  | { kind: "playing"; transport: Transport; attempt: number }
  | { kind: "stalled"; transport: Transport; since: number }
  | { kind: "waiting"; error: PlayerError; attempt: number; retryInMs: number }
  | { kind: "failed"; error: PlayerError };

/** Why there is no picture, with the words the tile shows. */
export type PlayerError = { code: string; message: string };

/** Time arrives as an event; the reducer has no timers and no DOM. */
export type PlayerEvent =
  | { type: "start"; transport: Transport }
  | { type: "frame"; transport: Transport }
  | { type: "silent"; now: number }
  | { type: "lost"; error: PlayerError }
  | { type: "refused"; error: PlayerError };

/** Back-off after a loss: at once, then growing. The second try still comes within two seconds of the loss. */
const retryDelaysMs = [100, 200, 400, 600, 1000, 2000, 4000, 8000];

export function retryDelay(attempt: number): number {
  return retryDelaysMs[Math.min(attempt, retryDelaysMs.length - 1)] ?? 8000;
}

export const initialState: PlayerState = { kind: "connecting", transport: "webrtc", attempt: 0 };

/** Pure. `attempt` counts the losses since the last picture. */
export function next(state: PlayerState, event: PlayerEvent): PlayerState {
  switch (event.type) {
    case "start":
      return { kind: "connecting", transport: event.transport, attempt: attemptOf(state) };
    case "frame":
      return state.kind === "playing" && state.transport === event.transport
        ? state
        : { kind: "playing", transport: event.transport, attempt: 0 };
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
