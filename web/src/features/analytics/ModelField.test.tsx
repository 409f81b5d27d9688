import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Model } from "@/api/analytics";
import { api } from "@/api/client";
import { ApiError } from "@/api/problem";
import { chooseLanguage } from "@/i18n/language";
import { ModelField } from "./ModelField";

const model = (name: string, part: Partial<Model> = {}): Model => ({
  name,
  shipped: true,
  findsObjects: true,
  adapter: "yolox",
  classes: ["person", "car"],
  width: 416,
  height: 416,
  sha256: null,
  licence: "Apache-2.0",
  state: "ready",
  problem: null,
  ...part,
});

const get = vi.spyOn(api, "get");
beforeEach(() => chooseLanguage("en"));
afterEach(cleanup);

function show(value: string) {
  const onChange = vi.fn();
  render(
    <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
      <ModelField model={value} disabled={false} onChange={onChange} />
    </QueryClientProvider>,
  );
  return onChange;
}

const answers = (part: object = {}) =>
  get.mockResolvedValue({
    default: "tiny",
    provider: "cpu",
    problem: null,
    models: [model("tiny"), model("mine", { shipped: false, state: "failed", problem: "no such output" }), plates],
    ...part,
  } as never);
const plates = model("plates", { findsObjects: false });

test("one of the server's models is chosen, its own choice first, with what each is", async () => {
  answers();
  const onChange = show("default");
  const field = await screen.findByRole("combobox", { name: "Model" });
  expect(
    within(field)
      .getAllByRole("option")
      .map((o) => o.textContent),
  ).toEqual(["The server's own choice: tiny", "tiny", "mine (added here)"]);
  expect(screen.getByText(/Finds Person, Car\. Looks at 416 × 416 pixels\./)).toBeTruthy();
  await userEvent.setup().selectOptions(field, "mine");
  expect(onChange).toHaveBeenCalledWith({ model: "mine" }, null);
});

test("why a model does not work is said, and one that is gone stays what is chosen", async () => {
  answers();
  show("mine");
  expect(await screen.findByText(/It cannot be used: no such output/)).toBeTruthy();
  cleanup();
  show("gone");
  expect((await screen.findByRole<HTMLSelectElement>("combobox")).value).toBe("gone");
  expect(screen.getByText(/It is not installed/)).toBeTruthy();
});

test("that no model runs here is said", async () => {
  answers({ provider: null, problem: "the library is missing" });
  show("default");
  expect(await screen.findByText(/Models do not run on this server.*the library is missing/)).toBeTruthy();
});

test("where the list cannot be had, a name can be written", async () => {
  get.mockRejectedValue(new ApiError({ status: 503, code: "planeUnavailable", title: "Analysis is not available" }));
  const onChange = show("default");
  await userEvent.setup().type(await screen.findByRole("textbox", { name: "Model" }), "2");
  expect(onChange).toHaveBeenLastCalledWith({ model: "default2" }, "model");
});
