import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { chooseLanguage } from "@/i18n/language";
import { rememberAdded } from "./progress";
import { RecordingStep } from "./RecordingStep";

/** The cameras that the server has, and what it was asked to change. */
let there: string[] = [];
let changed: { ids: string[]; patch: unknown }[] = [];

vi.mock("@/api/client", () => {
  const each = async function* () {
    yield* there.map((id) => ({ id, name: id, streams: [] }));
  };
  const patch = async (_: string, { body }: { body: { ids: string[]; patch: unknown } }) => {
    changed.push(body);
    return { results: body.ids.map((id) => ({ id, changed: true, fields: [] })) };
  };
  return { api: { each, patch, get: async () => ({ pools: [] }) } };
});

beforeEach(() => {
  chooseLanguage("en");
  localStorage.removeItem("vms.setup.added");
  changed = [];
});
afterEach(cleanup);

function open(seen: string[]) {
  there = seen;
  const onDone = vi.fn();
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  render(
    <QueryClientProvider client={queries}>
      <RecordingStep onBack={() => {}} onDone={onDone} />
    </QueryClientProvider>,
  );
  return onDone;
}

const finish = async () => {
  const button = screen.getByRole("button", { name: "Finish and watch live" });
  await waitFor(() => expect(button.hasAttribute("disabled")).toBe(false));
  await userEvent.click(button);
};

test("cameras that were there before the set-up keep what they record", async () => {
  rememberAdded("new");
  const onDone = open(["old", "new"]);
  await screen.findByText("For the camera that you have just added.");
  await finish();
  await waitFor(() => expect(onDone).toHaveBeenCalled());
  expect(changed.map((c) => c.ids)).toEqual([["new"]]);
});

test("where none was added nothing is changed", async () => {
  const onDone = open(["old"]);
  await screen.findByText("No camera was added just now.");
  await finish();
  await waitFor(() => expect(onDone).toHaveBeenCalled());
  expect(changed).toEqual([]);
});

test("those that were there before change when somebody says so", async () => {
  rememberAdded("new");
  open(["old", "new"]);
  await userEvent.click(await screen.findByLabelText(/Also for the camera that was there before/));
  await finish();
  await waitFor(() => expect(changed.map((c) => c.ids)).toEqual([["old", "new"]]));
});

test("a camera that came since the list was read is among them", async () => {
  rememberAdded("first");
  rememberAdded("second");
  const onDone = open(["first"]);
  await screen.findByText("For your camera.");
  there = ["first", "second"];
  await finish();
  await waitFor(() => expect(onDone).toHaveBeenCalled());
  expect(changed.map((c) => c.ids)).toEqual([["first", "second"]]);
});
