import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Camera } from "@/api/types";
import { chooseLanguage } from "@/i18n/language";
import { ImagingCard } from "./ImagingCard";

let asked: string[] = [];

vi.mock("@/api/client", () => ({
  api: {
    get: async () => ({ focus: { mode: "manual", canMove: true } }),
    post: async (path: string) => void asked.push(path.split("/").at(-1)!),
  },
}));

beforeEach(() => {
  chooseLanguage("en");
  asked = [];
});
afterEach(cleanup);

test("a focus that moves is stopped when its button goes", async () => {
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const permissions = ["imaging.write"];
  queries.setQueryData(["me"], {
    username: "eva",
    permissions,
    scopes: [{ scope: "tenant", scopeId: null, permissions }],
  });
  const { unmount } = render(
    <QueryClientProvider client={queries}>
      <ImagingCard camera={{ id: "c1", siteId: "s1", groupIds: [] } as unknown as Camera} />
    </QueryClientProvider>,
  );
  fireEvent.pointerDown(await screen.findByRole("button", { name: "Focus nearer" }));
  expect(asked).toHaveLength(1);
  unmount();
  expect(asked).toHaveLength(2);
  expect(asked[1]).toMatch(/stop/);
});
