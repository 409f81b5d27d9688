import { QueryClient, QueryClientProvider, useQuery } from "@tanstack/react-query";
import { cleanup, configure, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { createMemoryRouter, Link, RouterProvider } from "react-router";
import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { api } from "@/api/client";
import { ApiError } from "@/api/problem";
import type { Camera, Me } from "@/api/types";
import { AnalyticsEditor } from "./AnalyticsEditor";
import { spotsOf } from "./geometry";

vi.mock("@/player/useLivePlayer", () => ({
  useLivePlayer: () => ({
    video: { current: null },
    player: { current: null },
    state: { kind: "connecting", transport: "webrtc", attempt: 0 },
    source: { stream: "main", converted: false },
  }),
}));

// A whole page is rendered for each key: on a machine with other work that takes its time.
vi.setConfig({ testTimeout: 30_000 });
configure({ asyncUtilTimeout: 10_000 });

const camera = {
  id: "gate",
  name: "Gate",
  siteId: "s",
  groupIds: [],
  enabled: true,
  state: "offline",
  subUrl: null,
  streams: [{ name: "main", width: 1600, height: 800 }],
  generation: 7,
  analytics: {
    enabled: true,
    state: "draining",
    source: "server",
    fps: 5,
    keyframesOnly: false,
    stream: "auto",
    model: "default",
    classes: [],
    minConfidence: 0.8,
    trackConfidence: 0.3,
    minSize: 0,
    plates: false,
    plateCountry: null,
    faces: false,
    motion: { sensitivity: 50, masks: [] },
    zones: [],
    lines: [],
    leftObjects: { enabled: false, seconds: 60 },
  },
} as unknown as Camera;

const me = {
  id: "u",
  permissions: ["cameras.write"],
  scopes: [{ scope: "tenant", scopeId: "t", permissions: ["cameras.write"] }],
} as unknown as Me;

beforeAll(() => {
  // The picture has a size, which nothing has here.
  vi.stubGlobal(
    "ResizeObserver",
    class {
      constructor(private readonly tell: () => void) {}
      observe() {
        this.tell();
      }
      disconnect() {}
    },
  );
  vi.spyOn(SVGElement.prototype, "clientWidth", "get").mockReturnValue(800);
  vi.spyOn(SVGElement.prototype, "clientHeight", "get").mockReturnValue(400);
});

const patch = vi.spyOn(api, "patch");
beforeEach(() => {
  patch.mockReset();
  vi.spyOn(api, "get").mockImplementation((() => new Promise(() => undefined)) as never);
});
afterEach(cleanup);

/** The page's part that is tested, with the camera as it was read last. */
function Page() {
  const { data } = useQuery<Camera>({ queryKey: ["camera"], queryFn: () => camera });
  return (
    <>
      <Link to="/elsewhere">elsewhere</Link>
      {data && <AnalyticsEditor camera={data} />}
    </>
  );
}

function open(account = me) {
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false, staleTime: Infinity } } });
  queries.setQueryData(["me"], account);
  queries.setQueryData(["camera"], camera);
  const router = createMemoryRouter(
    [
      { path: "/camera", Component: Page },
      { path: "/elsewhere", element: "gone" },
    ],
    { initialEntries: ["/camera"] },
  );
  render(
    <QueryClientProvider client={queries}>
      <RouterProvider router={router} />
    </QueryClientProvider>,
  );
  return { router, queries };
}

/** By keys alone. */
async function addZone(user: ReturnType<typeof userEvent.setup>) {
  screen.getByText("Zone").closest("button")!.focus();
  await user.keyboard("{Enter}");
  expect(document.activeElement).toBe(screen.getByText("Put one in the middle"));
  await user.keyboard("{Enter}");
  await waitFor(() => expect(document.activeElement?.getAttribute("aria-label")).toMatch(/^Corner 1 of 4: 35.0 %/));
}

const sent = () => (patch.mock.lastCall![1] as { body: { analytics: Camera["analytics"] } }).body.analytics;
const answers = (generation: number) =>
  patch.mockImplementation((async (_: string, { body }: { body: { analytics: Camera["analytics"] } }) => ({
    ...camera,
    generation,
    analytics: { ...camera.analytics, ...body.analytics },
  })) as never);

test("a zone is put on the picture, bent and saved by keys alone", async () => {
  answers(8);
  const user = userEvent.setup({ delay: null, pointerEventsCheck: 0 });
  open();
  await addZone(user);
  await user.keyboard("{ArrowLeft}{ArrowLeft}{Shift>}{ArrowUp}{/Shift}");
  await user.keyboard("+");
  await waitFor(() => expect(document.activeElement?.getAttribute("aria-label")).toMatch(/^Corner 2 of 5/));
  await user.keyboard("{Delete}");
  await waitFor(() => expect(document.activeElement?.getAttribute("aria-label")).toMatch(/^Corner 1 of 4/));
  await user.click(screen.getByText("Save"));

  await waitFor(() => expect(patch).toHaveBeenCalled());
  expect(patch.mock.lastCall).toMatchObject(["/api/cameras/{id}", { path: { id: "gate" }, ifMatch: '"7"' }]);
  const [zone] = sent().zones;
  expect(zone).toMatchObject({ name: "Zone 1", events: ["entered", "left"], loiterSeconds: 10, minConfidence: null });
  expect(spotsOf(zone!.polygon)).toEqual([
    [0.34, 0.3],
    [0.65, 0.35],
    [0.65, 0.65],
    [0.35, 0.65],
  ]);
  await waitFor(() => expect(screen.queryByText("Save")).toBeNull());
});

test("keys that move a corner are undone in one step, and come back", async () => {
  const user = userEvent.setup({ delay: null, pointerEventsCheck: 0 });
  open();
  await addZone(user);
  await user.keyboard("{ArrowLeft}{ArrowLeft}{ArrowLeft}");
  expect(screen.getByLabelText(/^Corner 1 of 4: 33.5 %/)).toBeTruthy();
  await user.keyboard("{Control>}z{/Control}");
  expect(screen.getByLabelText(/^Corner 1 of 4: 35.0 %/)).toBeTruthy();
  await user.keyboard("{Control>}z{/Control}");
  expect(screen.queryByLabelText(/^Corner 1/)).toBeNull();
  await user.keyboard("{Control>}y{/Control}{Control>}y{/Control}");
  expect(screen.getAllByText("Zone 1").length).toBeGreaterThan(0);
});

test("a shape that crosses itself is said, and is not saved", async () => {
  const user = userEvent.setup({ delay: null, pointerEventsCheck: 0 });
  open();
  await addZone(user);
  // Beyond the corner across, step by long step.
  await user.keyboard("{Shift>}{ArrowRight>8/}{ArrowDown>3/}{/Shift}");
  expect(screen.getByRole("alert").textContent).toContain("cross each other");
  expect(screen.getByText<HTMLButtonElement>("Save").disabled).toBe(true);
});

test("what somebody else has changed meanwhile is said, and can be overruled or taken", async () => {
  patch.mockRejectedValueOnce(new ApiError({ status: 412, code: "changedMeanwhile", title: "It was changed" }));
  const user = userEvent.setup({ delay: null, pointerEventsCheck: 0 });
  const { queries } = open();
  await addZone(user);
  await user.click(screen.getByText("Save"));
  await waitFor(() => expect(screen.getByRole("alert").textContent).toContain("Somebody else"));

  queries.setQueryData(["camera"], { ...camera, generation: 9 });
  answers(10);
  await screen.findByText("Save mine");
  await user.click(screen.getByText("Save mine"));
  await waitFor(() => expect(patch).toHaveBeenCalledTimes(2));
  expect(patch.mock.lastCall![1]).toMatchObject({ ifMatch: '"9"' });
  await waitFor(() => expect(screen.queryByRole("alert")).toBeNull());
});

test("nobody loses what was drawn by leaving without a question", async () => {
  const user = userEvent.setup({ delay: null, pointerEventsCheck: 0 });
  const { router } = open();
  await addZone(user);
  await user.click(screen.getByText("elsewhere"));
  expect(await screen.findByText("Leave without saving?")).toBeTruthy();
  await user.click(screen.getByText("Cancel"));
  expect(router.state.location.pathname).toBe("/camera");
  await user.click(screen.getByText("elsewhere"));
  await user.click(await screen.findByText("Leave"));
  await waitFor(() => expect(router.state.location.pathname).toBe("/elsewhere"));
});

test("whoever may not change the camera can look, and nothing more", () => {
  open({ ...me, permissions: [], scopes: [] });
  expect(screen.getByText("Zone").closest("button")!.disabled).toBe(true);
  expect(screen.getByLabelText<HTMLInputElement>("Analyse the picture").disabled).toBe(true);
  expect(screen.getByText(/may look at this, and not change it/)).toBeTruthy();
});
