import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen } from "@testing-library/react";
import { MemoryRouter } from "react-router";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { chooseLanguage } from "@/i18n/language";
import { FederatedEventsPage } from "./FederatedEventsPage";

const [here, harbour, tower] = [
  { id: "here", name: "Head office" },
  { id: "h7", name: "Harbour" },
  { id: "t2", name: "Tower" },
];

const event = (id: string, server: { id: string; name: string }, cameraName: string) => ({
  id,
  server,
  type: "motion",
  cameraId: `cam-${id}`,
  cameraName,
  siteName: null,
  at: "2026-01-01T10:00:00Z",
});

/** What was looked for, page by page. */
let asked: Record<string, unknown>[] = [];

vi.mock("@/api/client", () => ({
  api: {
    get: async (_: string, { query }: { query: Record<string, unknown> }) => {
      asked.push(query);
      const servers = [
        { ...here, state: "answered" },
        { ...harbour, state: "answered" },
        { ...tower, state: "timedOut" },
      ];
      return query["cursor"] === undefined
        ? { items: [event("2", harbour, "Quay")], nextCursor: "next", servers }
        : { items: [event("1", here, "Door")], nextCursor: null, servers };
    },
  },
}));

beforeEach(() => {
  chooseLanguage("en");
  asked = [];
  // Not in jsdom: all that is observed is in sight.
  vi.stubGlobal(
    "IntersectionObserver",
    class {
      constructor(private readonly tell: (seen: { isIntersecting: boolean }[]) => void) {}
      observe() {
        queueMicrotask(() => this.tell([{ isIntersecting: true }]));
      }
      disconnect() {}
    },
  );
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

test("events of all servers go on page by page, lead to their cameras, and say who is missing", async () => {
  render(
    <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
      <MemoryRouter initialEntries={["/settings/servers/events?type=motion"]}>
        <FederatedEventsPage />
      </MemoryRouter>
    </QueryClientProvider>,
  );
  const door = await screen.findByRole("link", { name: /Door/ });
  expect(door.getAttribute("href")).toBe("/playback?camera=cam-1&at=2026-01-01T10%3A00%3A00Z");
  const quay = screen.getByRole("link", { name: /Quay.*Harbour/ });
  expect(quay.getAttribute("href")).toBe("/cameras/others/h7/cam-2?name=Quay&of=Harbour&at=2026-01-01T10%3A00%3A00Z");
  expect(screen.getAllByRole("status").map((s) => s.textContent)).toEqual([
    "Tower is missing: it did not answer in time",
  ]);
  expect(asked).toEqual([
    { type: "motion", limit: 100 },
    { type: "motion", limit: 100, cursor: "next" },
  ]);
});
