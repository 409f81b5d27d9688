import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { MemoryRouter } from "react-router";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ApiError } from "@/api/problem";
import { chooseLanguage } from "@/i18n/language";
import { AuditPage } from "./AuditPage";

/** Which pages were asked for, by their cursors, and whether the second one fails. */
let asked: string[] = [];
let failing = true;

const entry = (id: string, actor: string) => ({
  id,
  actor,
  action: "camera.added",
  subject: null,
  result: "done",
  address: null,
  at: "2026-01-01T00:00:00Z",
  details: null,
});

vi.mock("@/api/client", () => ({
  api: {
    get: async (_: string, { query }: { query: { cursor?: string } }) => {
      asked.push(query.cursor ?? "");
      if (!query.cursor) return { items: [entry("1", "eva")], nextCursor: "next" };
      if (failing) throw new ApiError({ status: 503, code: "databaseUnavailable", title: "No database" });
      return { items: [entry("2", "otto")], nextCursor: null };
    },
  },
}));

beforeEach(() => {
  chooseLanguage("en");
  [asked, failing] = [[], true];
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

test("a further page that fails is asked for again by somebody's hand alone", async () => {
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  queries.setQueryData(["me"], { username: "eva", permissions: ["audit.read"], scopes: [] });
  render(
    <QueryClientProvider client={queries}>
      <MemoryRouter>
        <AuditPage />
      </MemoryRouter>
    </QueryClientProvider>,
  );
  const again = await screen.findByRole("button", { name: "Try again" });
  expect(screen.getByRole("alert").textContent).toBe("No database");
  // Time in which an endless loop asks many times.
  for (let i = 0; i < 20; i++) await new Promise((done) => setTimeout(done));
  expect(asked).toEqual(["", "next"]);
  failing = false;
  await userEvent.click(again);
  await waitFor(() => expect(screen.getByText("otto")).toBeDefined());
});
