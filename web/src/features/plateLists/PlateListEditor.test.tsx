import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, configure, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { createMemoryRouter, RouterProvider } from "react-router";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { PlateListView } from "@/api/plateLists";
import { ApiError } from "@/api/problem";
import { PlateListEditor } from "./PlateListEditor";

// On a machine with other work a page that is rendered for each key takes its time.
vi.setConfig({ testTimeout: 30_000 });
configure({ asyncUtilTimeout: 10_000 });

const list = (values: Partial<PlateListView> = {}) =>
  ({
    id: "staff",
    name: "Staff",
    note: "",
    entries: [{ plate: "BAB1", note: "" }],
    updatedAt: "2026-12-01T08:00:00.000001Z",
    ...values,
  }) as PlateListView;

let now = list();
let save: (body: PlateListView) => Promise<PlateListView>;
vi.mock("@/api/client", () => ({
  api: {
    get: () => Promise.resolve(now),
    patch: (_: string, { body }: { body: PlateListView }) => save(body),
  },
}));

beforeEach(() => (now = list()));
afterEach(cleanup);

async function show() {
  const router = createMemoryRouter([
    { path: "/", element: <PlateListEditor id="staff" onMade={() => undefined} onClose={() => undefined} /> },
  ]);
  render(
    <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
      <RouterProvider router={router} />
    </QueryClientProvider>,
  );
  await screen.findByText("BAB1");
  return userEvent.setup();
}
const add = async (user: ReturnType<typeof userEvent.setup>, plate: string) =>
  user.type(screen.getByLabelText("Find a plate, or type a new one"), `${plate}{Enter}`);

test("what is typed while a list is on its way to the server stays, and is saved next", async () => {
  const user = await show();
  let answer: (saved: PlateListView) => void = () => undefined;
  save = () => new Promise((done) => (answer = done));
  await add(user, "MXY2");
  await user.click(screen.getByRole("button", { name: "Save" }));
  await add(user, "HH3");
  answer(list({ entries: [...now.entries, { plate: "MXY2", note: "" }], updatedAt: "2026-12-01T09:00:00Z" }));
  const button = await screen.findByRole<HTMLButtonElement>("button", { name: "Save" });
  expect(button.disabled).toBe(false);
  const saved: unknown[] = [];
  save = (body) => {
    saved.push(body.entries.map((e) => e.plate));
    return Promise.resolve(list({ entries: body.entries }));
  };
  await user.click(button);
  expect(saved).toEqual([["BAB1", "MXY2", "HH3"]]);
});

test("what somebody else changed meanwhile is taken in, and what was typed stays", async () => {
  const user = await show();
  save = () =>
    Promise.reject(new ApiError({ status: 412, code: "changedMeanwhile", title: "It was changed meanwhile" }));
  await add(user, "MXY2");
  await user.click(screen.getByRole("button", { name: "Save" }));
  now = list({ entries: [{ plate: "KAB9", note: "new" }], updatedAt: "2026-12-01T09:00:00Z" });
  await user.click(await screen.findByRole("button", { name: "Take in what they changed" }));
  await screen.findByText("KAB9");
  expect(screen.getByText("MXY2")).toBeTruthy();
  expect(screen.queryByText("BAB1")).toBeNull();
  expect(screen.queryByRole("alert")).toBeNull();
});
