import { expect, test } from "vitest";
import type { Camera } from "@/api/types";
import { reportWarning } from "./reports";

const camera = (state: string, ...metadata: boolean[]) =>
  ({ state, streams: metadata.map((m) => ({ name: "main", state, metadata: m })) }) as unknown as Camera;

test("a camera that reports itself, or that somebody reported for, needs no warning", () => {
  expect(reportWarning(camera("online", false, true), false)).toBeNull();
  expect(reportWarning(camera("online", false), true)).toBeNull();
});

test("nothing is said before the answer is known", () => {
  expect(reportWarning(camera("online", false), undefined)).toBeNull();
});

test("a camera without metadata that nobody reported for is warned of, and one that is away is not accused", () => {
  expect(reportWarning(camera("online", false), false)).toContain("no ONVIF metadata");
  expect(reportWarning(camera("offline", false), false)).toContain("when it is online");
});

test("a new camera hears where motion comes from", () => {
  expect(reportWarning(null, undefined)).toContain("ONVIF metadata");
});
