import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { LayoutView } from "@/api/layouts";
import { chooseLanguage } from "@/i18n/language";
import { LayoutEditor } from "./LayoutEditor";

let sent: Record<string, unknown>[] = [];

vi.mock("@/api/client", () => ({
  api: {
    patch: async (_: string, { body }: { body: Record<string, unknown> }) => {
      sent.push(body);
      return { id: "l1" };
    },
  },
}));

beforeEach(() => {
  chooseLanguage("en");
  sent = [];
});
afterEach(cleanup);

const layout: LayoutView = {
  id: "l1",
  name: "Doors",
  grid: "4",
  columns: 2,
  rows: 2,
  shared: false,
  order: 0,
  // The second holds a camera that this account is not shown.
  cells: [
    { x: 0, y: 0, width: 1, height: 1, cameraId: "c1", stream: "auto" },
    { x: 1, y: 0, width: 1, height: 1, cameraId: null, stream: "auto", hidden: true },
  ],
  owner: "eva",
  editable: true,
  generation: 4,
  createdAt: "2026-01-01T00:00:00Z",
  updatedAt: "2026-01-01T00:00:00Z",
};

function open(first: LayoutView = layout) {
  const queries = new QueryClient({ defaultOptions: { queries: { staleTime: Infinity, retry: false } } });
  const permissions = ["live.view", "cameras.read"];
  queries.setQueryData(["me"], { username: "eva", permissions, scopes: [{ scope: "site", permissions }] });
  const editor = (shown: LayoutView) => (
    <QueryClientProvider client={queries}>
      <LayoutEditor
        layout={shown}
        begin={{ columns: 1, rows: 1, tiles: [] }}
        cameras={[]}
        onSaved={() => {}}
        onClose={() => {}}
      />
    </QueryClientProvider>
  );
  const { rerender } = render(editor(first));
  return (shown: LayoutView) => rerender(editor(shown));
}

const save = async () => {
  await userEvent.click(screen.getByRole("button", { name: "Save layout" }));
  await waitFor(() => expect(sent).toHaveLength(1));
};

test("another name leaves the cells alone that are not seen here", async () => {
  open();
  await userEvent.type(screen.getByLabelText("Name"), "!");
  await save();
  expect(sent).toEqual([{ name: "Doors!", shared: false, generation: 4 }]);
});

test("what another changes meanwhile is not overwritten: the generation is the one that was read at first", async () => {
  const show = open();
  show({ ...layout, name: "Gates", generation: 5 });
  await save();
  expect(sent[0]).toMatchObject({ name: "Doors", generation: 4 });
});

test("a camera that is not seen stays where it is, and grids that have no place for it are not offered", async () => {
  open();
  const tile = screen.getByRole("button", { name: "Tile in column 2, row 1: a camera that you do not see" });
  await userEvent.click(tile);
  expect((screen.getByLabelText("Camera") as HTMLSelectElement).disabled).toBe(true);
  await userEvent.keyboard("{Delete}");
  expect(screen.getByText(/Cameras that you do not see stay/)).toBeDefined();
  // Its tile would lie under the large one.
  expect((screen.getByRole("button", { name: "1 + 5" }) as HTMLButtonElement).disabled).toBe(true);
  await userEvent.click(screen.getByRole("button", { name: "3 × 3" }));
  await save();
  expect(sent[0]).toMatchObject({ grid: "9", generation: 4, cells: [{ x: 0, y: 0, cameraId: "c1" }] });
});

test("whoever sees every camera reads nothing of that", () => {
  open({ ...layout, cells: layout.cells.map((cell) => ({ ...cell, hidden: null })) });
  expect(screen.queryByText(/Cameras that you do not see stay/)).toBeNull();
});
