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
    { x: 1, y: 0, width: 1, height: 1, cameraId: null, stream: "auto" },
  ],
  owner: "eva",
  editable: true,
  generation: 4,
  createdAt: "2026-01-01T00:00:00Z",
  updatedAt: "2026-01-01T00:00:00Z",
};

function open(scope: "tenant" | "site" = "site") {
  const queries = new QueryClient({ defaultOptions: { queries: { staleTime: Infinity, retry: false } } });
  const permissions = ["live.view", "cameras.read"];
  queries.setQueryData(["me"], { username: "eva", permissions, scopes: [{ scope, permissions }] });
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
  const { rerender } = render(editor(layout));
  return (shown: LayoutView) => rerender(editor(shown));
}

const save = async () => {
  await userEvent.click(screen.getByRole("button", { name: "Save layout" }));
  await waitFor(() => expect(sent).toHaveLength(1));
};

test("another name leaves the cells alone that are not seen here", async () => {
  open();
  await userEvent.type(screen.getByLabelText("Name"), "!");
  expect(screen.queryByText(/Some tiles show you no camera/)).toBeNull();
  await save();
  expect(sent).toEqual([{ name: "Doors!", shared: false, generation: 4 }]);
});

test("what another changes meanwhile is not overwritten: the generation is the one that was read at first", async () => {
  const show = open();
  show({ ...layout, name: "Gates", generation: 5 });
  await save();
  expect(sent[0]).toMatchObject({ name: "Doors", generation: 4 });
});

test("whoever does not see every camera reads that another wall loses what is hidden", async () => {
  open();
  await userEvent.click(screen.getByRole("button", { name: "3 × 3" }));
  expect(screen.getByText(/Some tiles show you no camera/)).toBeDefined();
  await save();
  expect(sent[0]).toMatchObject({ grid: "9", generation: 4 });
});

test("whoever sees every camera is not warned", async () => {
  open("tenant");
  await userEvent.click(screen.getByRole("button", { name: "3 × 3" }));
  expect(screen.queryByText(/Some tiles show you no camera/)).toBeNull();
});
