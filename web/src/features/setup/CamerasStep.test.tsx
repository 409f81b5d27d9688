import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen } from "@testing-library/react";
import { MemoryRouter } from "react-router";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { chooseLanguage } from "@/i18n/language";
import { CamerasStep } from "./CamerasStep";

vi.mock("@/api/client", () => {
  const each = async function* () {
    yield { id: "c1", name: "Gate", streams: [] };
  };
  return { api: { each } };
});

beforeEach(() => chooseLanguage("en"));
afterEach(cleanup);

test.each([true, false])(
  "whether cameras are being added (%s) decides whether the step can be left",
  async (adding) => {
    const queries = new QueryClient({ defaultOptions: { queries: { retry: false, staleTime: Infinity } } });
    queries.setQueryData(["me"], { username: "eva", permissions: [], scopes: [] });
    const nothing = () => {};
    render(
      <QueryClientProvider client={queries}>
        <MemoryRouter>
          <CamerasStep onBack={nothing} onDone={nothing} onLeave={nothing} adding={adding} onAdding={nothing} />
        </MemoryRouter>
      </QueryClientProvider>,
    );
    await screen.findByText(adding ? "Adding cameras… 1 there so far" : "1 camera is there");
    for (const name of ["Back", "Next"])
      expect(screen.getByRole("button", { name }).hasAttribute("disabled")).toBe(adding);
  },
);
