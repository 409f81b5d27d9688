import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen } from "@testing-library/react";
import { MemoryRouter } from "react-router";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { DevicesPage } from "./DevicesPage";

let isThere = false;

beforeEach(() => {
  isThere = false;
  localStorage.setItem("vms.refreshToken", "r");
  vi.stubGlobal("fetch", (path: string | URL | Request) => {
    if (String(path instanceof Request ? path.url : path).includes("/api/auth/refresh"))
      return Promise.resolve(Response.json({ accessToken: "a", refreshToken: "r", expiresIn: 900 }));
    return Promise.resolve(
      isThere
        ? Response.json({ items: [], nextCursor: null })
        : Response.json({ status: 503, code: "databaseUnavailable", title: "The database is away" }, { status: 503 }),
    );
  });
});

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
  localStorage.clear();
});

test("a server that is away is told at once, and what it says when it is back is shown by itself", async () => {
  const queries = new QueryClient({ defaultOptions: { queries: { retryDelay: 20 } } });
  render(
    <QueryClientProvider client={queries}>
      <MemoryRouter>
        <DevicesPage />
      </MemoryRouter>
    </QueryClientProvider>,
  );
  expect(screen.queryByRole("alert")).toBeNull();
  expect((await screen.findByRole("alert")).textContent).toContain("The database is away");
  isThere = true;
  await screen.findByText("No devices yet");
  expect(screen.queryByRole("alert")).toBeNull();
});
