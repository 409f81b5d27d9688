import { act, renderHook } from "@testing-library/react";
import { beforeEach, expect, test } from "vitest";
import { addTold, clearTold, markAllSeen, useTold, withTold, type Told } from "./inbox";
import type { NotificationMessage } from "./messages";

const now = Date.parse("2026-07-01T12:00:00Z");
const told = (id: string, at = "2026-07-01T11:00:00Z"): Told => ({
  id,
  at,
  title: `Title of ${id}`,
  text: "",
  eventType: null,
  cameraId: null,
  url: null,
  seen: false,
});
const message = (id: string): NotificationMessage => ({
  ...told(id, new Date().toISOString()),
  type: "notification",
});

beforeEach(() => localStorage.clear());

test("the newest stands first, the same id takes its own place, what is a week old goes", () => {
  const before = [told("b"), told("a"), told("old", "2026-06-20T12:00:00Z")];
  expect(withTold(before, told("a"), now).map((t) => t.id)).toEqual(["a", "b"]);
});

test("a hundred are kept", () => {
  const many = Array.from({ length: 100 }, (_, i) => told(`e${i}`));
  expect(withTold(many, told("new"), now)).toHaveLength(100);
  expect(withTold(many, told("new"), now)[0]!.id).toBe("new");
});

test("each user of a browser has a list of their own", () => {
  const { result } = renderHook(() => [useTold("anna"), useTold("ben")] as const);
  act(() => addTold("anna", message("e1")));
  expect(result.current.map((l) => l.map((t) => t.id))).toEqual([["e1"], []]);
  act(() => markAllSeen("anna"));
  expect(result.current[0][0]!.seen).toBe(true);
  // It is told anew: it is new.
  act(() => addTold("anna", message("e1")));
  expect(result.current[0].map((t) => t.seen)).toEqual([false]);
  act(() => clearTold("anna"));
  expect(result.current[0]).toEqual([]);
});

test("a list that cannot be read is an empty one", () => {
  localStorage.setItem("vms.notifications.anna", "{");
  expect(renderHook(() => useTold("anna")).result.current).toEqual([]);
});
