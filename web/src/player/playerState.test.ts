import { describe, expect, it } from "vitest";
import { initialState, next, retryDelay, type PlayerEvent, type PlayerState } from "./playerState";

const lost: PlayerEvent = { type: "lost", error: { code: "closed", message: "The connection closed." } };

function run(...events: PlayerEvent[]): PlayerState {
  return events.reduce(next, initialState);
}

describe("live player states", () => {
  it("is playing with the first frame", () => {
    expect(run({ type: "frame", transport: "webrtc" })).toEqual({ kind: "playing", transport: "webrtc", attempt: 0 });
  });

  it("keeps the same object for every further frame, so that nothing renders", () => {
    const playing = run({ type: "frame", transport: "mse" });
    expect(next(playing, { type: "frame", transport: "mse" })).toBe(playing);
  });

  it("retries within two seconds after a loss, also when the first retry fails", () => {
    const first = run({ type: "frame", transport: "mse" }, lost);
    expect(first).toMatchObject({ kind: "waiting", attempt: 1, retryInMs: retryDelay(0) });
    const second = next(next(first, { type: "start", transport: "mse" }), lost);
    expect(second).toMatchObject({ kind: "waiting", attempt: 2, retryInMs: retryDelay(1) });
    expect(retryDelay(0) + retryDelay(1)).toBeLessThan(2000);
  });

  it("backs off while losses go on, and forgets them with a picture", () => {
    let state = run(...Array.from({ length: 9 }, () => lost));
    expect(state).toMatchObject({ kind: "waiting", retryInMs: 8000 });
    state = next(state, { type: "frame", transport: "webrtc" });
    expect(next(state, lost)).toMatchObject({ attempt: 1, retryInMs: retryDelay(0) });
  });

  it("says since when a picture stands still", () => {
    expect(run({ type: "frame", transport: "webrtc" }, { type: "silent", now: 42 })).toEqual({
      kind: "stalled",
      transport: "webrtc",
      since: 42,
    });
  });

  it("does not retry what was refused", () => {
    expect(run({ type: "refused", error: { code: "forbidden", message: "No permission." } }).kind).toBe("failed");
  });
});
