import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, cleanup, render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { createMemoryRouter, RouterProvider } from "react-router";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { DiscoveredView, OnboardCameraRequest } from "@/api/discovery";
import { ApiError } from "@/api/problem";
import { chooseLanguage } from "@/i18n/language";
import { FindCameras } from "./FindCameras";

const device = (ip: string, name: string, known = false): DiscoveredView => ({
  ip,
  xaddrs: [`http://${ip}/onvif/device_service`],
  name,
  model: null,
  mac: null,
  known,
  lastSeenAt: "2026-01-01T00:00:00Z",
});

/** What each further question about the scan is answered. */
let answers: DiscoveredView[][] = [];
let onboarded: OnboardCameraRequest[] = [];
let scans: unknown[] = [];
/** How often it was asked about a scan, and whether the server has lost it after the first time. */
let asked = 0;
let forgotten = false;

function answer(method: string, path: string, body: unknown): unknown {
  if (path === "/api/discovery/scan") {
    scans.push(body);
    return { scanId: "s1" };
  }
  if (path.startsWith("/api/discovery/")) {
    asked++;
    if (forgotten && asked > 1)
      throw new ApiError({ status: 404, code: "scanNotFound", title: "There is no such scan" });
    const state = answers.length > 1 ? "running" : "done";
    return { scanId: "s1", state, startedAt: "", devices: answers.length > 1 ? answers.shift()! : answers[0]! };
  }
  if (path === "/api/cameras/onboard") {
    const request = body as OnboardCameraRequest;
    onboarded.push(request);
    if (request.password !== `right ${request.ip}` && request.password !== "right")
      throw new ApiError({ status: 400, code: "badCredentials", title: "The device refuses" });
    return { id: `cam-${request.ip}`, name: request.name ?? `camera ${request.ip}` };
  }
  if (path === "/api/cameras/onboard/many") {
    const { devices } = body as { devices: OnboardCameraRequest[] };
    jobs.push(devices);
    return job("queued", devices.length, 0);
  }
  if (path.startsWith("/api/jobs/")) {
    const devices = jobs.at(-1)!;
    if (cancelledAt)
      return {
        ...job("cancelled", devices.length, 1),
        result: {
          devices: [{ ip: devices[cancelledAt]!.ip, cameraId: "cam-x", code: null, detail: null }],
          places: [cancelledAt],
        },
      };
    if (jobAsked++ === 0) return job("running", devices.length, 1);
    const results = devices.map(({ ip, password }) =>
      password === `right ${ip}`
        ? { ip, cameraId: `cam-${ip}`, code: null, detail: null }
        : { ip, cameraId: null, code: "badCredentials", detail: "The device refuses" },
    );
    return { ...job("done", devices.length, devices.length), result: { devices: results } };
  }
  throw new Error(`${method} ${path}`);
}

/** What each job was asked for, and how often it was asked about. */
let jobs: OnboardCameraRequest[][] = [];
let jobAsked = 0;
/** A job ends when it came to the device at this place alone. */
let cancelledAt = 0;
const job = (state: string, total: number, done: number) => ({
  id: `j${jobs.length}`,
  kind: "onboard",
  state,
  done,
  total,
});

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
  return { api: { get: ask("GET"), post: ask("POST"), put: ask("PUT"), delete: ask("DELETE"), each } };
});

beforeEach(() => {
  chooseLanguage("en");
  [answers, onboarded, scans] = [[[]], [], []];
  [asked, forgotten] = [0, false];
  [jobs, jobAsked, cancelledAt] = [[], 0, 0];
});
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

function open(address = "/", onBusy?: (busy: boolean) => void) {
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  queries.setQueryData(["me"], { id: "1", username: "eva", role: "admin", permissions: ["cameras.write"] });
  const router = createMemoryRouter([{ path: "/", element: <FindCameras onBusy={onBusy} /> }], {
    initialEntries: [address],
  });
  render(
    <QueryClientProvider client={queries}>
      <RouterProvider router={router} />
    </QueryClientProvider>,
  );
  return router;
}

const card = (name: string) => within(screen.getByText(name).closest("li")!);

test("what answers is shown while the search goes on, and the search stands in the address", async () => {
  answers = [
    [],
    [device("10.0.0.9", "Axis")],
    [device("10.0.0.3", "Bosch"), device("10.0.0.9", "Axis"), device("10.0.0.4", "Old", true)],
  ];
  const router = open();
  await screen.findByText("Axis");
  expect(screen.queryByText("Bosch")).toBeNull();
  await screen.findByText("Bosch", {}, { timeout: 3000 });
  const names = screen.getAllByRole("checkbox").map((box) => box.getAttribute("aria-label"));
  expect(names).toEqual(["Select Axis at 10.0.0.9", "Select Bosch at 10.0.0.3"]);
  expect(screen.getByText("Already added: 1")).toBeDefined();
  expect(router.state.location.search).toBe("?scan=s1");
  expect(scans).toEqual([{ subnet: null }]);
});

test("a search that an address names is shown, and none is begun", async () => {
  answers = [[device("10.0.0.9", "Axis")]];
  open("/?scan=s1");
  await screen.findByText("Axis");
  expect(scans).toEqual([]);
});

test("several are long work with one password for all; one that refuses it takes its own", async () => {
  answers = [[device("10.0.0.3", "Bosch"), device("10.0.0.9", "Axis")]];
  open("/?scan=s1");
  await screen.findByText("Axis");
  await userEvent.click(screen.getByRole("button", { name: "Select all 2" }));
  await userEvent.type(screen.getByLabelText("Camera user"), "eva");
  await userEvent.type(screen.getByLabelText("Camera password"), "right 10.0.0.3");
  await userEvent.click(screen.getByRole("button", { name: "Add 2 cameras" }));

  await screen.findByText(/1 of 2 done/);
  expect(screen.getByText(/goes on when you leave the page/)).toBeDefined();
  await waitFor(() => expect(card("Bosch").getByText("Added")).toBeDefined(), { timeout: 5000 });
  expect(card("Axis").getByText(/It refuses this user name or password/)).toBeDefined();
  expect(jobs.map((devices) => devices.map((d) => d.ip))).toEqual([["10.0.0.3", "10.0.0.9"]]);
  expect(onboarded).toEqual([]);

  await userEvent.type(card("Axis").getByLabelText("Password"), "right");
  await userEvent.click(card("Axis").getByRole("button", { name: "Try again" }));
  await screen.findByRole("link", { name: "Open camera 10.0.0.9" });
  expect(onboarded.at(-1)).toEqual({ ip: "10.0.0.9", port: 80, username: "eva", password: "right" });
  expect(onboarded).toHaveLength(1);
});

test("what a cancelled job came to is added, and only the rest is not", async () => {
  answers = [[device("10.0.0.3", "Bosch"), device("10.0.0.9", "Axis")]];
  cancelledAt = 1;
  open("/?scan=s1");
  await screen.findByText("Axis");
  await userEvent.click(screen.getByRole("button", { name: "Select all 2" }));
  await userEvent.click(screen.getByRole("button", { name: "Add 2 cameras" }));
  await waitFor(() => expect(card("Axis").getByText("Added")).toBeDefined(), { timeout: 5000 });
  expect(card("Bosch").getByText("It was cancelled before it was this one's turn.")).toBeDefined();
});

test("a device that is silent is added by its address", async () => {
  answers = [[]];
  open("/?scan=s1");
  await screen.findByText("Nothing has answered");
  await userEvent.type(screen.getByLabelText("Address of a device"), "10.0.0.7:8080");
  await userEvent.click(screen.getByRole("button", { name: "To the list" }));
  await userEvent.type(screen.getByLabelText("Camera user"), "eva");
  await userEvent.type(screen.getByLabelText("Camera password"), "right");
  await userEvent.click(screen.getByRole("button", { name: "Add 1 camera" }));
  await screen.findByRole("link", { name: "Open camera 10.0.0.7" });
  expect(onboarded).toEqual([{ ip: "10.0.0.7", port: 8080, username: "eva", password: "right" }]);
});

test("whoever shows it is told while cameras are being added", async () => {
  answers = [[device("10.0.0.3", "Bosch")]];
  const told: boolean[] = [];
  open("/?scan=s1", (busy) => told.push(busy));
  await userEvent.click(await screen.findByRole("checkbox"));
  await userEvent.click(screen.getByRole("button", { name: "Add 1 camera" }));
  await waitFor(() => expect(told.slice(told.indexOf(true))).toEqual([true, false, false]));
});

test("a scan that the server has forgotten is not asked for again, and is not going on", async () => {
  answers = [[device("10.0.0.3", "Bosch")], []];
  forgotten = true;
  vi.useFakeTimers();
  open("/?scan=s1");
  await act(() => vi.advanceTimersByTimeAsync(100));
  expect(screen.getByText("Bosch")).toBeDefined();
  expect(screen.getByText(/^Searching/)).toBeDefined();
  await act(() => vi.advanceTimersByTimeAsync(5000));
  expect(screen.queryByText(/^Searching/)).toBeNull();
  expect(asked).toBe(2);
});

test("a device with a user name of its own takes the password for all", async () => {
  answers = [[device("10.0.0.3", "Bosch")]];
  open("/?scan=s1");
  await userEvent.click(await screen.findByRole("checkbox"));
  await userEvent.type(screen.getByLabelText("Camera user"), "eva");
  await userEvent.type(screen.getByLabelText("Camera password"), "wrong");
  await userEvent.click(screen.getByRole("button", { name: "Add 1 camera" }));
  await screen.findByText(/It refuses this user name or password/);
  await userEvent.type(card("Bosch").getByLabelText("User"), "service");
  await userEvent.click(card("Bosch").getByRole("button", { name: "Try again" }));
  await waitFor(() => expect(onboarded).toHaveLength(2));
  expect(onboarded[1]).toEqual({ ip: "10.0.0.3", port: 80, username: "service", password: "wrong" });
});
