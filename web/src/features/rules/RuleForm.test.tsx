import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { createMemoryRouter, Link, Outlet, RouterProvider } from "react-router";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ApiError } from "@/api/problem";
import type { RuleRequest, RuleView } from "@/api/rules";
import { chooseLanguage } from "@/i18n/language";
import { draftOf } from "./draft";
import { RuleForm } from "./RuleForm";
import { draftFrom } from "./templates";

const rule: RuleView = {
  id: "r1",
  name: "Night",
  enabled: true,
  siteId: null,
  when: { types: ["motion"], expression: "confidence > 0.5" },
  cooldownSeconds: 60,
  actions: [{ type: "alarm", severity: "warning" }],
  createdBy: "admin",
  createdAt: "2026-01-01T00:00:00Z",
  updatedAt: "2026-01-01T00:00:00Z",
  version: "17",
  lastFiredAt: null,
  firedLastWeek: 0,
};

const wrong = (...fields: [field: string, message: string][]) =>
  new ApiError({
    status: 400,
    code: "invalidInput",
    title: "The input is not valid",
    fields: fields.map(([field, message]) => ({ field, code: "invalidValue", message })),
  });

const sent: { path: string; body?: RuleRequest & { from?: string; to?: string }; ifMatch?: string }[] = [];
let answer: (path: string) => unknown = () => rule;

vi.mock("@/api/client", () => {
  const send = async (path: string, options: { body?: RuleRequest; ifMatch?: string }) => {
    sent.push({ ...options, path });
    return answer(path);
  };
  return {
    api: {
      post: send,
      patch: send,
      get: async (path: string) => {
        if (path === "/api/auth/me")
          return { permissions: [], scopes: [{ scope: "tenant", permissions: ["rules.write"] }] };
        throw new Error(`nobody asked for ${path}`);
      },
    },
  };
});

beforeEach(() => {
  chooseLanguage("en");
  sent.length = 0;
  answer = () => rule;
});
afterEach(cleanup);

function show(element: React.ReactNode) {
  const router = createMemoryRouter(
    [
      {
        path: "/",
        element: (
          <>
            <Link to="/settings/rules">Away</Link>
            <Outlet />
          </>
        ),
        children: [
          { path: "settings/rules", element: <p>All rules</p> },
          { path: "settings/rules/:id", element },
        ],
      },
    ],
    { initialEntries: ["/settings/rules/r1"] },
  );
  render(
    <QueryClientProvider client={new QueryClient()}>
      <RouterProvider router={router} />
    </QueryClientProvider>,
  );
  return userEvent.setup();
}

test("what the server refuses is said at its field", async () => {
  answer = () => {
    throw wrong(
      ["name", "The rule needs a name"],
      ["when.types", "Say which events"],
      ["when.expression", "'!' cannot stand there"],
      ["actions[0].to", "Use 1 to 20 addresses"],
      ["somewhere.else", "Something nobody has an input for"],
    );
  };
  const begin = draftFrom("cameraOffline");
  const user = show(
    <RuleForm rule={null} begin={{ ...begin, when: { ...begin.when, expression: "confidence ! 1" } }} />,
  );
  await user.click(screen.getByRole("button", { name: "Add rule" }));
  await screen.findByText("The rule needs a name");
  const noteOf = (input: HTMLElement) => document.getElementById(input.getAttribute("aria-describedby")!)?.textContent;
  expect(noteOf(screen.getByLabelText("What the rule is called"))).toBe("The rule needs a name");
  expect(noteOf(screen.getByLabelText("Expression"))).toBe("'!' cannot stand there");
  expect(noteOf(screen.getByLabelText("One of these happens: Add an event…"))).toBe("Say which events");
  const mail = within(screen.getByRole("list", { name: "Then" })).getByRole("listitem");
  expect(within(mail).getByRole("alert").textContent).toBe("Use 1 to 20 addresses");
  // Once each, and what has no field above the buttons.
  expect(screen.getAllByText("Say which events")).toHaveLength(1);
  expect(screen.getByText("Something nobody has an input for")).toBeTruthy();
});

test("a change names the version that it began with, and sends the whole rule", async () => {
  const user = show(<RuleForm rule={rule} begin={draftOf(rule)} />);
  await user.type(screen.getByLabelText("What the rule is called"), "s");
  await user.click(screen.getByRole("button", { name: "Without this: Expression" }));
  await user.selectOptions(screen.getByLabelText("Add an action…"), "snapshot");
  await user.click(screen.getByRole("button", { name: "Save" }));
  await screen.findByText("All rules");
  const { body, ifMatch } = sent.find(({ path }) => path === "/api/rules/{id}")!;
  expect(ifMatch).toBe('"17"');
  expect(body).toMatchObject({
    name: "Nights",
    when: { types: ["motion"], expression: null },
    actions: [{ type: "alarm", severity: "warning" }, { type: "snapshot" }],
  });
});

test("the name of a rule that came with the installation is in the reader's language, and stays what it is until it is changed", async () => {
  chooseLanguage("de");
  const shipped = { ...rule, name: "Camera offline", createdBy: "" };
  const user = show(<RuleForm rule={shipped} begin={draftOf(shipped)} />);
  const name = await screen.findByDisplayValue("Kamera nicht erreichbar");
  expect(screen.getByRole("heading", { name: "Kamera nicht erreichbar" })).toBeTruthy();
  await user.selectOptions(screen.getByLabelText("Nicht öfter als"), "300");
  await user.click(screen.getByRole("button", { name: "Speichern" }));
  await waitFor(() => expect(sent.at(-1)?.body?.name).toBe("Camera offline"));
  expect(name).toBeTruthy();
});

test("what somebody else has changed meanwhile is told, and can be looked at", async () => {
  answer = () => {
    throw new ApiError({ status: 412, code: "changedMeanwhile", title: "It was changed meanwhile" });
  };
  const reload = vi.fn();
  const user = show(<RuleForm rule={rule} begin={draftOf(rule)} onReload={reload} />);
  await user.type(screen.getByLabelText("What the rule is called"), "s");
  await user.click(screen.getByRole("button", { name: "Save" }));
  await screen.findByText(/changed meanwhile/);
  await user.click(screen.getByRole("button", { name: "Show what it is now" }));
  expect(reload).toHaveBeenCalledOnce();
});

test("whoever leaves with something typed is asked", async () => {
  const user = show(<RuleForm rule={rule} begin={draftOf(rule)} />);
  await user.type(screen.getByLabelText("What the rule is called"), "s");
  await user.click(screen.getByRole("link", { name: "Away" }));
  const dialog = await screen.findByRole("dialog");
  expect(screen.queryByText("All rules")).toBeNull();
  await user.click(within(dialog).getByRole("button", { name: "Discard" }));
  await screen.findByText("All rules");
});

test("whoever has typed nothing is not asked", async () => {
  const user = show(<RuleForm rule={rule} begin={draftOf(rule)} />);
  await user.click(screen.getByRole("link", { name: "Away" }));
  await screen.findByText("All rules");
});

test("a dry run says how often, when, and what was left out and why", async () => {
  answer = () => ({
    from: "2026-11-20T00:00:00Z",
    to: "2026-11-27T00:00:00Z",
    fired: 37,
    evaluated: 1240,
    complete: false,
    leftOut: [
      { why: "schedule", events: 1100 },
      { why: "cooldown", events: 103 },
    ],
    hours: [{ at: "2026-11-21T12:00:00Z", fired: 37 }],
    samples: [],
  });
  const user = show(<RuleForm rule={rule} begin={draftOf(rule)} />);
  await user.click(screen.getByLabelText("Month"));
  await user.click(screen.getByRole("button", { name: "Try it" }));
  await waitFor(() => expect(screen.getByTestId("fired").textContent).toBe("It would have fired 37 times"));
  expect(screen.getByText("1203 of 1240 events of these types were left out:")).toBeTruthy();
  expect(screen.getByText("At other times").parentElement?.textContent).toBe("At other times1100");
  expect(screen.getByText("Too soon after the last time").parentElement?.textContent).toContain("103");
  expect(screen.getByText(/oldest 1240 events/)).toBeTruthy();
  expect(screen.queryByText(/changed since/)).toBeNull();
  expect(screen.getByRole("img").getAttribute("aria-label")).toMatch(/^37 in all/);
  await user.type(screen.getByLabelText("What the rule is called"), "s");
  expect(screen.queryByText(/changed since/)).toBeNull();
  await user.type(screen.getByLabelText("Expression"), "5");
  expect(screen.getByText(/changed since/)).toBeTruthy();
  const { from, to } = sent.find(({ path }) => path === "/api/rules/dry-run")!.body!;
  expect(Date.parse(to!) - Date.parse(from!)).toBe(30 * 24 * 60 * 60 * 1000);
});
