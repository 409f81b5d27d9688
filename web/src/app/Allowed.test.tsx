import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen } from "@testing-library/react";
import { createMemoryRouter, RouterProvider } from "react-router";
import { afterEach, expect, test } from "vitest";
import type { Permission } from "@/api/types";
import { chooseLanguage } from "@/i18n/language";
import { Allowed, StartPage } from "./Allowed";
import { pageAt, pages } from "./pages";

afterEach(() => {
  cleanup();
  chooseLanguage(null);
});

/** What somebody with these permissions sees at an address. */
function open(path: string, ...permissions: Permission[]) {
  const queries = new QueryClient({ defaultOptions: { queries: { staleTime: Infinity, retry: false } } });
  const scopes = [{ scope: "tenant", scopeId: null, permissions }];
  queries.setQueryData(["me"], { id: "1", username: "eva", role: "viewer", tenantId: "default", permissions, scopes });
  const routes = pages.map(({ to, name }) => ({
    path: to,
    element: <Allowed page={pageAt(to)}>{<p>{`the page ${name}`}</p>}</Allowed>,
  }));
  const router = createMemoryRouter([{ path: "/", element: <StartPage /> }, ...routes], { initialEntries: [path] });
  render(
    <QueryClientProvider client={queries}>
      <RouterProvider router={router} />
    </QueryClientProvider>,
  );
}

test("a page that an account may open is there", () => {
  open("/clips", "recordings.read");
  expect(screen.getByText("the page clips")).toBeDefined();
});

test("an address that is not for the account says so and leads to one that is", () => {
  open("/system", "cameras.read", "recordings.read");
  expect(screen.queryByText("the page health")).toBeNull();
  expect(screen.getByRole("heading", { name: "You have no permission for this" })).toBeDefined();
  expect(screen.getByText(/may not open Health/)).toBeDefined();
  expect(screen.getByRole("link", { name: "Go to Playback" }).getAttribute("href")).toBe("/playback");
});

test("it says so in the language of the moment", () => {
  chooseLanguage("de");
  open("/exports", "recordings.read");
  expect(screen.getByText(/darf „Exporte“ nicht öffnen/)).toBeDefined();
  expect(screen.getByRole("link", { name: "Clips öffnen" })).toBeDefined();
});

test("the start is the first page that the account may open", async () => {
  open("/", "recordings.read");
  expect(await screen.findByText("the page clips")).toBeDefined();
});

test("an account that may open no page still has its settings", async () => {
  open("/");
  expect(await screen.findByText("the page settings")).toBeDefined();
});
