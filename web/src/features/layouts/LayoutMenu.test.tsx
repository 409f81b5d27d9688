import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { LayoutView } from "@/api/layouts";
import { chooseLanguage } from "@/i18n/language";
import { LayoutMenu } from "./LayoutMenu";

let deleted: string[] = [];

vi.mock("@/api/client", () => ({
  api: {
    delete: async (_: string, { path }: { path: { id: string } }) => void deleted.push(path.id),
  },
}));

beforeEach(() => {
  chooseLanguage("en");
  deleted = [];
});
afterEach(cleanup);

function open(hidden: boolean) {
  const layout: LayoutView = {
    id: "l1",
    name: "Doors",
    grid: "1",
    columns: 1,
    rows: 1,
    shared: true,
    order: 0,
    cells: [
      {
        x: 0,
        y: 0,
        width: 1,
        height: 1,
        cameraId: hidden ? null : "c1",
        stream: "auto",
        ...(hidden ? { hidden } : {}),
      },
    ],
    owner: "eva",
    editable: true,
    generation: 4,
    createdAt: "2026-01-01T00:00:00Z",
    updatedAt: "2026-01-01T00:00:00Z",
  };
  render(
    <QueryClientProvider client={new QueryClient()}>
      <LayoutMenu
        layouts={[layout]}
        shown={layout}
        open
        onOpenChange={() => {}}
        onChoose={() => {}}
        onEdit={() => {}}
      />
    </QueryClientProvider>,
  );
}

test("a layout with cameras that are not seen here is deleted only when that is confirmed", async () => {
  open(true);
  await userEvent.click(screen.getByRole("menuitem", { name: "Delete Doors" }));
  await screen.findByText("Delete Doors for good?");
  expect(deleted).toEqual([]);
  await userEvent.click(screen.getByRole("button", { name: "Delete Doors", hidden: true }));
  await waitFor(() => expect(deleted).toEqual(["l1"]));
  await waitFor(() => expect(screen.queryByText("Delete Doors for good?")).toBeNull());
});

test("any other is deleted at once", async () => {
  open(false);
  await userEvent.click(screen.getByRole("menuitem", { name: "Delete Doors" }));
  await waitFor(() => expect(deleted).toEqual(["l1"]));
});
