import { act, cleanup, renderHook } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { DetectionFilter, DetectionView } from "@/api/detections";
import type { FeedMessage } from "@/api/feed";
import { useNewDetections } from "./useNewDetections";

const detection = (id: string) => ({ id, at: "2026-12-01T08:00:00.000Z" }) as DetectionView;

let stored: DetectionView[] = [];
let asked = 0;
const listeners = new Map<string, Set<(message: FeedMessage) => void>>();
const tell = (type: string) =>
  listeners.get("event")?.forEach((listener) => listener({ type: "event", event: { type } } as FeedMessage));

vi.mock("@/api/client", () => ({
  api: {
    get: () => {
      asked++;
      return Promise.resolve({ items: stored, nextCursor: null });
    },
  },
}));
vi.mock("@/api/feed", () => ({
  onFeed: (type: string, listener: (message: FeedMessage) => void) => {
    listeners.set(type, (listeners.get(type) ?? new Set()).add(listener));
    return () => void listeners.get(type)?.delete(listener);
  },
}));

beforeEach(() => {
  vi.useFakeTimers();
  asked = 0;
});
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

const shown = (filter: DetectionFilter, listed: DetectionView[] | undefined) =>
  renderHook(
    (props: { filter: DetectionFilter; listed: DetectionView[] | undefined }) =>
      useNewDetections(props.filter, props.listed),
    { initialProps: { filter, listed } },
  );
const soon = () => act(() => vi.advanceTimersByTimeAsync(5_000));

test("of many that are told, the server is asked once, and what is not listed is counted", async () => {
  stored = [detection("c"), detection("b"), detection("a")];
  const { result, rerender } = shown({ from: "x" }, [detection("a")]);
  tell("object.person");
  tell("line.crossed");
  tell("camera.offline");
  expect(result.current).toBe(0);
  await soon();
  expect([result.current, asked]).toEqual([2, 1]);
  // They are shown: of another question, none are known to be new.
  rerender({ filter: { from: "y" }, listed: stored });
  expect(result.current).toBe(0);
});

test("what the system tells of itself is no reason to ask", async () => {
  shown({ from: "x" }, []);
  tell("camera.offline");
  await soon();
  expect(asked).toBe(0);
});

test("a time that is over gets no new ones", async () => {
  shown({ from: "x", to: "y" }, []);
  tell("object.person");
  await soon();
  expect(asked).toBe(0);
});

test("while the list is read nothing is new", async () => {
  stored = [detection("a")];
  const { result } = shown({ from: "x" }, undefined);
  tell("object.person");
  await soon();
  expect(result.current).toBe(0);
});
