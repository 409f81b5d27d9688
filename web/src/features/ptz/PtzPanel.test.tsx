import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { chooseLanguage } from "@/i18n/language";
import { PtzPanel } from "./PtzPanel";

/** What was asked of the server, in order. */
let asked: string[] = [];
let controller: { username: string; until: string } | null = null;

const answers: Record<string, () => unknown> = {
  "GET /api/cameras/c1/ptz": () => ({
    moving: false,
    can: { move: true, step: true, position: true, centre: true, zoom: true, home: true, presets: true },
    controller,
  }),
  "GET /api/cameras/c1/ptz/presets": () => ({ items: [{ id: "t7", name: "Gate" }] }),
};

function answer(method: string, path: string, body: unknown): unknown {
  asked.push([method, path.split("/ptz").at(1), body ? JSON.stringify(body) : ""].filter(Boolean).join(" "));
  return answers[`${method} ${path}`]?.();
}

/** The library, whose addresses are filled in and handed to `answer`. */
vi.mock("@/api/client", () => {
  type Options = { path?: Record<string, string>; body?: unknown };
  const ask =
    (method: string) =>
    async (path: string, { path: parts = {}, body }: Options = {}): Promise<unknown> =>
      answer(
        method,
        path.replace(/\{(\w+)\}/g, (_, name: string) => parts[name]!),
        body,
      );
  const each = async function* () {};
  return {
    api: { get: ask("GET"), post: ask("POST"), put: ask("PUT"), patch: ask("PATCH"), delete: ask("DELETE"), each },
  };
});

beforeEach(() => {
  chooseLanguage("en");
  asked = [];
  controller = null;
  // Not in jsdom.
  Element.prototype.setPointerCapture = () => {};
});
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

async function open() {
  const queries = new QueryClient({ defaultOptions: { queries: { staleTime: Infinity, retry: false } } });
  queries.setQueryData(["me"], { id: "1", username: "eva", role: "operator", permissions: ["ptz.control"] });
  render(
    <QueryClientProvider client={queries}>
      <PtzPanel cameraId="c1" />
    </QueryClientProvider>,
  );
  await screen.findByText("Gate");
  vi.useFakeTimers();
  asked = [];
  const stick = screen.getByTestId("joystick");
  stick.getBoundingClientRect = () => ({ left: 0, top: 0, width: 120, height: 120 }) as DOMRect;
  return stick;
}

/** jsdom's pointer events have no place. */
const pointer = (type: string, x: number, y: number) =>
  Object.assign(new MouseEvent(type, { bubbles: true, clientX: x, clientY: y, button: 0 }), { pointerId: 1 });

const commands = () => asked.filter((a) => a.startsWith("POST"));

test("the stick moves the camera for as long as it is held, and letting go stops it", async () => {
  const stick = await open();
  fireEvent(stick, pointer("pointerdown", 120, 60));
  await vi.advanceTimersByTimeAsync(2000);
  expect(commands().length).toBeGreaterThan(2);
  expect(new Set(commands())).toEqual(new Set(['POST /move {"pan":1,"tilt":0,"zoom":0}']));
  fireEvent(stick, pointer("pointerup", 120, 60));
  expect(commands().at(-1)).toBe("POST /stop");
  const count = commands().length;
  await vi.advanceTimersByTimeAsync(5000);
  expect(commands()).toHaveLength(count);
});

test.each([
  ["the window loses the focus", () => fireEvent.blur(window)],
  ["the page is left", () => fireEvent(window, new Event("pagehide"))],
  ["the panel goes", () => cleanup()],
])("a camera that moves is stopped when %s", async (_, happen) => {
  const stick = await open();
  fireEvent(stick, pointer("pointerdown", 60, 0));
  await vi.advanceTimersByTimeAsync(300);
  happen();
  expect(commands().at(-1)).toBe("POST /stop");
  const count = commands().length;
  await vi.advanceTimersByTimeAsync(5000);
  expect(commands()).toHaveLength(count);
});

test("arrow keys turn it while they are held, a digit goes to a preset", async () => {
  const panel = (await open()).closest("[data-testid=ptz]")!;
  fireEvent.keyDown(panel, { key: "ArrowUp" });
  await vi.advanceTimersByTimeAsync(250);
  fireEvent.keyDown(panel, { key: "ArrowRight" });
  await vi.advanceTimersByTimeAsync(250);
  fireEvent.keyUp(panel, { key: "ArrowUp" });
  fireEvent.keyUp(panel, { key: "ArrowRight" });
  fireEvent.keyDown(panel, { key: "1" });
  await vi.advanceTimersByTimeAsync(0);
  expect(commands()).toEqual([
    'POST /move {"pan":0,"tilt":0.5,"zoom":0}',
    'POST /move {"pan":0.5,"tilt":0.5,"zoom":0}',
    'POST /move {"pan":0.5,"tilt":0,"zoom":0}',
    "POST /stop",
    "POST /presets/t7/go",
  ]);
});

const panelOf = (stick: Element) => stick.closest("[data-testid=ptz]")!;

test("a key that Shift gives another name is let go when it goes up", async () => {
  const panel = panelOf(await open());
  fireEvent.keyDown(panel, { key: "=", code: "Equal" });
  await vi.advanceTimersByTimeAsync(250);
  fireEvent.keyDown(panel, { key: "Shift", code: "ShiftLeft", shiftKey: true });
  fireEvent.keyUp(panel, { key: "+", code: "Equal", shiftKey: true });
  expect(commands().at(-1)).toBe("POST /stop");
  const count = commands().length;
  await vi.advanceTimersByTimeAsync(5000);
  expect(commands()).toHaveLength(count);
});

test("Meta, with which no key tells that it goes up, stops the camera", async () => {
  const panel = panelOf(await open());
  fireEvent.keyDown(panel, { key: "ArrowUp", code: "ArrowUp" });
  await vi.advanceTimersByTimeAsync(250);
  fireEvent.keyDown(panel, { key: "Meta", code: "MetaLeft", metaKey: true });
  expect(commands().at(-1)).toBe("POST /stop");
  const count = commands().length;
  await vi.advanceTimersByTimeAsync(5000);
  expect(commands()).toHaveLength(count);
});

test("keys in a preset's menu are the menu's", async () => {
  await open();
  vi.useRealTimers();
  const more = screen.getByRole("button", { name: /Gate/, expanded: false });
  more.focus();
  fireEvent.keyDown(more, { key: "Enter", code: "Enter" });
  const item = (await screen.findAllByRole("menuitem"))[0]!;
  for (const key of ["ArrowDown", "1", "Home", "-"]) {
    fireEvent.keyDown(item, { key, code: key });
    fireEvent.keyUp(item, { key, code: key });
  }
  expect(commands()).toEqual([]);
});

test("while somebody else steers it nothing is sent, and one reads who it is", async () => {
  controller = { username: "otto", until: "2030-01-01T00:00:00Z" };
  const stick = await open();
  expect(screen.getByText(/otto is steering/)).toBeDefined();
  fireEvent(stick, pointer("pointerdown", 120, 60));
  fireEvent.keyDown(stick.closest("[data-testid=ptz]")!, { key: "ArrowUp" });
  await vi.advanceTimersByTimeAsync(1000);
  expect(commands()).toEqual([]);
});

test("a preset is renamed where it stands, and the focus is back on it", async () => {
  await open();
  vi.useRealTimers();
  await userEvent.click(screen.getByRole("button", { name: "Actions for Gate" }));
  await userEvent.click(await screen.findByRole("menuitem", { name: "Rename" }));
  const field = await screen.findByLabelText("New name of Gate");
  await waitFor(() => expect(document.activeElement).toBe(field));
  await userEvent.keyboard("Yard{Enter}");
  await waitFor(() => expect(asked).toContain('PATCH /presets/t7 {"name":"Yard"}'));
  expect(document.activeElement?.textContent).toContain("Gate");

  // Escape leaves it as it was.
  await userEvent.click(screen.getByRole("button", { name: "Actions for Gate" }));
  await userEvent.click(await screen.findByRole("menuitem", { name: "Rename" }));
  await waitFor(() => expect(document.activeElement).toBe(screen.getByLabelText("New name of Gate")));
  await userEvent.keyboard("Barn{Escape}");
  expect(screen.queryByLabelText("New name of Gate")).toBeNull();
  expect(asked.filter((a) => a.startsWith("PATCH"))).toHaveLength(1);
});
