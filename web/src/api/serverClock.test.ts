import { beforeEach, expect, test, vi } from "vitest";

let clock: typeof import("./serverClock");
const server = Date.parse("2026-01-01T00:00:00.000Z");
const now = performance.now();

beforeEach(async () => {
  vi.resetModules();
  clock = await import("./serverClock");
});

/** @param took Milliseconds from request to answer, which is `now`. */
function answer(time: number, took: number) {
  clock.noteServerTime(new Date(time).toISOString(), now - took, now);
}

test("the server's time is that of the answer that was fastest on its way", () => {
  expect(clock.serverNow()).toBeNull();
  answer(server, 10);
  answer(server - 900, 2000);
  clock.noteServerTime("nonsense", now, now);
  expect(Math.abs(clock.serverNow()! - (server + 5 + performance.now() - now))).toBeLessThan(2);
});

test("a server whose clock was set is believed at once", () => {
  answer(server, 10);
  answer(server + 3_600_000, 40);
  expect(Math.abs(clock.serverNow()! - (server + 3_600_020 + performance.now() - now))).toBeLessThan(2);
});

test("the time is not known from slow answers, until no faster one is to be expected", () => {
  for (let i = 0; i < 3; i++) {
    answer(server, 400);
    expect(clock.serverNow()).toBeNull();
  }
  answer(server, 400);
  expect(clock.isServerTimeKnown()).toBe(true);
});
