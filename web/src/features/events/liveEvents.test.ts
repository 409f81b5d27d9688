import { expect, test } from "vitest";
import type { EventView } from "@/api/events";
import { arrived, eventKey, mostLive, nothingLive, released, shownOf } from "./liveEvents";

const event = (id: string, second: number, values: Partial<EventView> = {}) =>
  ({ id, at: `2026-12-01T08:00:${String(second).padStart(2, "0")}.000Z`, endAt: null, ...values }) as EventView;

const pages = [event("c", 30), event("b", 20), event("a", 10)];
const listed = new Set(pages.map(eventKey));
const ids = (events: readonly EventView[]) => events.map((e) => e.id).join(" ");

test("what happens is put where its time is", () => {
  const live = arrived(nothingLive, [event("e", 50), event("d", 40), event("late", 25)], listed, false);
  expect(ids(shownOf(pages, live, true))).toBe("e d c late b a");
});

test("of the same time the server's order counts", () => {
  const live = arrived(nothingLive, [event("b2", 20)], listed, false);
  expect(ids(shownOf(pages, live, true))).toBe("c b2 b a");
});

test("an event that goes on is the same one, with its newest word", () => {
  const live = arrived(nothingLive, [event("b", 20, { endAt: "2026-12-01T08:00:29.000Z" })], listed, true);
  expect(live.waiting.size).toBe(0);
  const shown = shownOf(pages, live, true);
  expect(ids(shown)).toBe("c b a");
  expect(shown[1]!.endAt).toBe("2026-12-01T08:00:29.000Z");
});

test("while somebody reads further down, new ones wait and are counted; then they are all there", () => {
  let live = arrived(nothingLive, [event("d", 40)], listed, true);
  live = arrived(live, [event("e", 50), event("d", 40, { endAt: "2026-12-01T08:00:41.000Z" })], listed, true);
  expect(live.waiting.size).toBe(2);
  expect(ids(shownOf(pages, live, true))).toBe("c b a");
  expect(ids(shownOf(pages, released(live), true))).toBe("e d c b a");
});

test("what is older than the pages comes with the next page, and not twice", () => {
  const live = arrived(nothingLive, [event("old", 5)], listed, false);
  expect(ids(shownOf(pages, live, false))).toBe("c b a");
  expect(ids(shownOf([...pages, event("old", 5)], live, false))).toBe("c b a old");
  expect(ids(shownOf(pages, live, true))).toBe("c b a old");
});

test("the same id at another time is another event", () => {
  const live = arrived(nothingLive, [event("a", 59)], listed, false);
  expect(ids(shownOf(pages, live, true))).toBe("a c b a");
});

test("a page that is open for days does not keep all there was", () => {
  const many = Array.from({ length: 3 * mostLive }, (_, i) => event(`n${i}`, i % 60));
  expect(arrived(nothingLive, many, listed, true).latest.size).toBe(2 * mostLive);
});
