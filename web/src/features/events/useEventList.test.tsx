import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, cleanup, renderHook, waitFor } from "@testing-library/react";
import type { ReactNode } from "react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { EventQuery, EventView } from "@/api/events";
import type { FeedMessage } from "@/api/feed";
import { useEventList } from "./useEventList";

const event = (id: string, second: number, values: Partial<EventView> = {}) =>
  ({
    id,
    type: "motion",
    cameraId: "door",
    at: `2026-12-01T08:00:${String(second).padStart(2, "0")}.000Z`,
    ...values,
  }) as EventView;

/** What the server has, the newest first. */
let stored: EventView[] = [];
const listeners = new Map<string, Set<(message: FeedMessage) => void>>();
const tell = (type: string, message = {}) =>
  act(() => listeners.get(type)?.forEach((listener) => listener({ type, ...message })));

vi.mock("@/api/client", () => ({
  api: {
    get: async (_: string, { query }: { query: { limit: number; cursor?: string } }) => {
      const from = Number(query.cursor ?? 0);
      const items = stored.slice(from, from + query.limit);
      return { items, nextCursor: from + query.limit < stored.length ? String(from + query.limit) : null };
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
  stored = [event("b", 20), event("a", 10)];
});
afterEach(cleanup);

function show(first: EventQuery = {}) {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const wrapper = ({ children }: { children: ReactNode }) => (
    <QueryClientProvider client={client}>{children}</QueryClientProvider>
  );
  const { result, rerender } = renderHook(({ query }) => useEventList(query, true), {
    wrapper,
    initialProps: { query: first },
  });
  const ids = () => result.current.events.map((e) => e.id).join(" ");
  return { list: result, ids, look: (query: EventQuery) => rerender({ query }) };
}

test("what the feed tells is there, and what was not asked for is not", async () => {
  const { ids } = show({ type: ["motion"] });
  await waitFor(() => expect(ids()).toBe("b a"));
  tell("event", { event: event("c", 30) });
  tell("event", { event: event("other", 40, { type: "door.opened" }) });
  await waitFor(() => expect(ids()).toBe("c b a"));
});

test("new ones wait while somebody reads, and come when he is back", async () => {
  const { list, ids } = show();
  await waitFor(() => expect(ids()).toBe("b a"));
  act(() => list.current.hold(true));
  tell("event", { event: event("c", 30) });
  await waitFor(() => expect(list.current.waiting).toBe(1));
  expect(ids()).toBe("b a");
  act(() => list.current.hold(false));
  expect(ids()).toBe("c b a");
  expect(list.current.waiting).toBe(0);
});

test("what was told while the feed was away is read when it opens again", async () => {
  const { ids } = show();
  await waitFor(() => expect(ids()).toBe("b a"));
  stored = [event("c", 30), ...stored];
  tell("open");
  await waitFor(() => expect(ids()).toBe("c b a"));
});

test("when more was missed than a page has, the list begins anew instead of having a hole", async () => {
  const { list, ids } = show();
  await waitFor(() => expect(ids()).toBe("b a"));
  stored = [...Array.from({ length: 80 }, (_, i) => event(`n${i}`, 59)), ...stored];
  tell("open");
  await waitFor(() => expect(list.current.events).toHaveLength(60));
  expect(list.current.pages.hasNextPage).toBe(true);
});

test("what was told for another search is of no matter", async () => {
  const { ids, look } = show();
  await waitFor(() => expect(ids()).toBe("b a"));
  tell("event", { event: event("c", 30) });
  await waitFor(() => expect(ids()).toBe("c b a"));
  look({ class: "person" });
  await waitFor(() => expect(ids()).toBe("b a"));
});
