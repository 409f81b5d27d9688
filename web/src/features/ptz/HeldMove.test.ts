import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { PtzVector } from "@/api/ptz";
import { againMs, changeMs, HeldMove } from "./HeldMove";

const right = { pan: 1, tilt: 0, zoom: 0 };
const up = { pan: 0, tilt: 1, zoom: 0 };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** What the camera was told, in order; each answer comes at once unless it is held back. */
function stick(answer: () => Promise<void> = () => Promise.resolve()) {
  const told: string[] = [];
  const errors: unknown[] = [];
  const move = new HeldMove(
    (v: PtzVector) => {
      told.push(`${v.pan} ${v.tilt} ${v.zoom}`);
      return answer();
    },
    () => {
      told.push("stop");
      return Promise.resolve();
    },
    (error) => errors.push(error),
  );
  return { move, told, errors };
}

test("a direction that is held is told again before the server would stop the camera", async () => {
  const { move, told } = stick();
  move.hold(right);
  await vi.advanceTimersByTimeAsync(3000);
  // 1.5 s is the server's patience.
  expect(told.length).toBeGreaterThanOrEqual(3000 / 1500 + 2);
  expect(told.length).toBeLessThanOrEqual(3000 / againMs + 2);
  expect(new Set(told)).toEqual(new Set(["1 0 0"]));
});

test("a stick that wanders tells no more than five directions a second", async () => {
  const { move, told } = stick();
  for (let i = 0; i < 100; i++) {
    move.hold({ pan: i / 100, tilt: 0.5, zoom: 0 });
    await vi.advanceTimersByTimeAsync(10);
  }
  expect(told.length).toBeLessThanOrEqual(6);
  await vi.advanceTimersByTimeAsync(changeMs);
  expect(told.at(-1)).toBe("0.99 0.5 0");
});

test("letting go stops it at once and nothing follows", async () => {
  const { move, told } = stick();
  move.hold(right);
  await vi.advanceTimersByTimeAsync(50);
  move.release();
  expect(told.at(-1)).toBe("stop");
  const count = told.length;
  await vi.advanceTimersByTimeAsync(5000);
  expect(told.length).toBe(count);
});

test("letting go of what is not held tells nothing", () => {
  const { move, told } = stick();
  move.release();
  move.hold({ pan: 0, tilt: 0, zoom: 0 });
  move.release();
  expect(told).toEqual([]);
});

test("a direction that arrives after the stop is stopped once more", async () => {
  let arrive = () => {};
  const { move, told } = stick(() => new Promise((resolve) => (arrive = resolve)));
  move.hold(right);
  move.release();
  expect(told).toEqual(["1 0 0", "stop"]);
  arrive();
  await vi.advanceTimersByTimeAsync(0);
  expect(told).toEqual(["1 0 0", "stop", "stop"]);
});

test("held again meanwhile, it is not stopped by what was before", async () => {
  let arrive = () => {};
  const { move, told } = stick(() => new Promise((resolve) => (arrive = resolve)));
  move.hold(right);
  move.release();
  move.hold(up);
  arrive();
  await vi.advanceTimersByTimeAsync(changeMs);
  expect(told).toEqual(["1 0 0", "stop", "0 1 0"]);
});

test("in its middle the stick stops the camera, and moves it again from there", async () => {
  const { move, told } = stick();
  move.hold(right);
  await vi.advanceTimersByTimeAsync(changeMs);
  move.hold({ pan: 0, tilt: 0, zoom: 0 });
  await vi.advanceTimersByTimeAsync(2000);
  move.hold(up);
  await vi.advanceTimersByTimeAsync(0);
  expect(told).toEqual(["1 0 0", "stop", "0 1 0"]);
});

test("one that somebody else steers is let go, and not stopped", async () => {
  const { move, told, errors } = stick(() => Promise.reject(new Error("in use")));
  move.hold(right);
  await vi.advanceTimersByTimeAsync(2000);
  expect(told).toEqual(["1 0 0"]);
  expect(errors).toHaveLength(1);
  expect(move.isHeld).toBe(false);
});

test("what is asked of it afterwards is not ended by a stop that was still owed", async () => {
  let arrive = () => {};
  const { move, told } = stick(() => new Promise((resolve) => (arrive = resolve)));
  move.hold(right);
  move.giveWay();
  arrive();
  await vi.advanceTimersByTimeAsync(1000);
  expect(told).toEqual(["1 0 0", "stop"]);
});
