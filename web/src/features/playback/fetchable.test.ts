import { expect, test } from "vitest";
import { day, hour, minute, second } from "@/timeline/scale";
import { fetchable, mayHaveRecorded } from "./fetchable";

const now = Date.UTC(2026, 10, 30, 12);

test("at most a day is asked for, the newest of it, and nothing that is still on its way", () => {
  expect(fetchable({ from: now - hour, to: now - minute }, now)).toEqual({ from: now - hour, to: now - minute });
  expect(fetchable({ from: now - 3 * day, to: now - hour }, now)).toEqual({ from: now - hour - day, to: now - hour });
  expect(fetchable({ from: now - minute, to: now + hour }, now)).toEqual({ from: now - minute, to: now - 10 * second });
  expect(fetchable({ from: now - 10 * second, to: now }, now)).toBeNull();
});

test("a camera that sends to the server cannot be asked", () => {
  expect(mayHaveRecorded({ mainUrl: "rtsp://10.0.0.1/main" })).toBe(true);
  expect(mayHaveRecorded({ mainUrl: "rtsps://10.0.0.1/main" })).toBe(true);
  expect(mayHaveRecorded({ mainUrl: "push:" })).toBe(false);
});
