import { describe, expect, it } from "vitest";
import { initialState, next, nextTransport, retryDelay, type PlayerEvent, type PlayerState } from "./playerState";

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
    // Whenever in the first second and a half the server comes back, the next try is near.
    for (let attempt = 0, elapsed = 0; elapsed < 1500; elapsed += retryDelay(attempt++))
      expect(retryDelay(attempt)).toBeLessThanOrEqual(elapsed < 1300 ? 200 : 400);
  });

  it("backs off to a try a second while losses go on, and forgets them with a picture", () => {
    let state = run(...Array.from({ length: 20 }, () => lost));
    expect(state).toMatchObject({ kind: "waiting", retryInMs: 1000 });
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

  it("says by which way and why, and renders once for it", () => {
    const direct = run({ type: "frame", transport: "webrtc", way: "udp" });
    const relayed = next(direct, { type: "frame", transport: "webrtc", way: "relay", reason: "No direct way." });
    expect(relayed).toMatchObject({ kind: "playing", way: "relay", reason: "No direct way." });
    expect(next(relayed, { type: "frame", transport: "webrtc", way: "relay", reason: "No direct way." })).toBe(relayed);
  });

  it("tries every transport and then the first one again", () => {
    expect(nextTransport[nextTransport[nextTransport.webrtc]]).toBe("webrtc");
    expect([nextTransport.webrtc, nextTransport.mse]).toEqual(["mse", "hls"]);
  });

  it("does not retry what was refused", () => {
    expect(run({ type: "refused", error: { code: "forbidden", message: "No permission." } }).kind).toBe("failed");
  });
});
