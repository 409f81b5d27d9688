import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen } from "@testing-library/react";
import { MemoryRouter, useLocation } from "react-router";
import { Toaster } from "sonner";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { FeedMessage } from "@/api/feed";
import { Notifications } from "./Notifications";
import { setMuted } from "./mute";

const heard = vi.hoisted(() => new Map<string, ((message: unknown) => void)[]>());
const sound = vi.hoisted(() => ({ mayBeHeard: vi.fn(), play: vi.fn() }));

vi.mock("@/api/feed", () => ({
  onFeed: (type: string, listener: (message: unknown) => void) => {
    heard.set(type, [...(heard.get(type) ?? []), listener]);
    return () =>
      heard.set(
        type,
        heard.get(type)!.filter((l) => l !== listener),
      );
  },
}));
vi.mock("./sound", () => sound);

/** As browsers have them: whoever asks for the same one waits for the one before. */
class Locks {
  #last: Promise<unknown> = Promise.resolve();
  request(_: string, work: () => unknown) {
    return (this.#last = this.#last.then(work));
  }
}

/** All that was begun is done: nothing here waits for anything but promises. */
const settled = () => new Promise((done) => setTimeout(done, 20));

/** Windows of one browser: each hears all of the feed. */
function openWindows(count: number) {
  const queries = new QueryClient({ defaultOptions: { queries: { staleTime: Infinity } } });
  queries.setQueryData(["me"], { id: "anna", username: "anna", permissions: [], scopes: [] });
  render(
    <QueryClientProvider client={queries}>
      <MemoryRouter>
        {Array.from({ length: count }, (_, i) => (
          <Notifications key={i} />
        ))}
        <Where />
        <Toaster />
      </MemoryRouter>
    </QueryClientProvider>,
  );
}

const Where = () => <p data-testid="where">{useLocation().pathname}</p>;

const says = (message: FeedMessage & Record<string, unknown>) =>
  heard.get(message.type)!.forEach((listener) => listener(message));

const siren = (eventId: string, at = "2026-12-01T08:00:00Z") =>
  says({ type: "sound", sound: "siren", ruleId: "r", ruleName: "Fence", eventId, at, cameraId: null });

const notification = (id: string, text = "motion") =>
  says({
    type: "notification",
    id,
    at: new Date().toISOString(),
    title: "Fence: Yard",
    text,
    eventType: "motion",
    cameraId: null,
    url: "/events",
  });

beforeEach(() => {
  localStorage.clear();
  setMuted(false);
  Object.defineProperty(navigator, "locks", { configurable: true, value: new Locks() });
  sound.mayBeHeard.mockReset().mockResolvedValue(true);
  sound.play.mockReset();
  vi.stubGlobal("isSecureContext", false);
});

afterEach(() => {
  cleanup();
  Reflect.deleteProperty(navigator, "locks");
  heard.clear();
  vi.unstubAllGlobals();
});

test("of several windows one sounds, once for each event", async () => {
  openWindows(3);
  siren("e1");
  await vi.waitFor(() => expect(sound.play).toHaveBeenCalledTimes(1));
  siren("e2");
  await vi.waitFor(() => expect(sound.play).toHaveBeenCalledTimes(2));
  siren("e1");
  await settled();
  expect(sound.play.mock.calls).toEqual([["siren"], ["siren"]]);
  // A program may report under one id for ever: an event is its id and its time.
  siren("e1", "2026-12-01T08:00:05Z");
  await vi.waitFor(() => expect(sound.play).toHaveBeenCalledTimes(3));
});

test("a muted window is silent", async () => {
  setMuted(true);
  openWindows(1);
  siren("e1");
  await settled();
  expect([sound.mayBeHeard.mock.calls.length, sound.play.mock.calls.length]).toEqual([0, 0]);
});

test("where the browser keeps the page silent, it says so and a click plays the sound", async () => {
  sound.mayBeHeard.mockResolvedValue(false);
  openWindows(2);
  siren("e1");
  const button = await screen.findByRole("button", { name: "Play sounds" }, { timeout: 3_000 });
  expect(screen.getAllByText("Fence: a sound could not be played")).toHaveLength(1);
  sound.mayBeHeard.mockResolvedValue(true);
  button.click();
  await vi.waitFor(() => expect(sound.play).toHaveBeenCalledWith("siren"));
});

test("without desktop notifications a note appears in the page, in one window, and leads to what it is about", async () => {
  openWindows(2);
  notification("e1");
  expect(await screen.findAllByText("Fence: Yard")).toHaveLength(1);
  expect(screen.getByText("Motion")).toBeTruthy();
  screen.getByRole("button", { name: "Show" }).click();
  await vi.waitFor(() => expect(screen.getByTestId("where").textContent).toBe("/events"));
});

test("where they are allowed, the desktop shows it once, with the event's id as its tag", async () => {
  const shown: { title: string; tag: string; body: string }[] = [];
  class Desktop {
    static permission = "granted";
    constructor(title: string, { tag, body }: { tag: string; body: string }) {
      shown.push({ title, tag, body });
    }
  }
  vi.stubGlobal("isSecureContext", true);
  vi.stubGlobal("Notification", Desktop);
  openWindows(3);
  notification("e7");
  await vi.waitFor(() => expect(shown).toEqual([{ title: "Fence: Yard", tag: "e7", body: "Motion" }]));
  await settled();
  expect(shown).toHaveLength(1);
});
