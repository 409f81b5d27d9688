import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, configure, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { MemoryRouter } from "react-router";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { AnalyticsTrial } from "@/api/analytics";
import { api } from "@/api/client";
import { ApiError } from "@/api/problem";
import type { Camera, Me } from "@/api/types";
import { shapesOf, type Draft } from "./draft";
import { ShapeTrial } from "./ShapeTrial";

// On a machine with other work a page takes its time.
vi.setConfig({ testTimeout: 30_000 });
configure({ asyncUtilTimeout: 10_000 });

const anyTime = { classes: [], minConfidence: null, presets: [], schedule: null };
const draft = {
  enabled: true,
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
  zones: [
    {
      id: "yard",
      name: "Yard",
      polygon: [
        [0.1, 0.1],
        [0.5, 0.1],
        [0.5, 0.5],
      ],
      loiterSeconds: 10,
      events: ["entered", "left"],
      ...anyTime,
    },
  ],
  lines: [
    {
      id: "gate",
      name: "Gate",
      points: [
        [0.5, 0.1],
        [0.5, 0.9],
      ],
      direction: "both",
      ...anyTime,
    },
  ],
  leftObjects: { enabled: false, seconds: 60 },
} as Draft;

const told: AnalyticsTrial = {
  from: "2026-11-14T12:00:00Z",
  to: "2026-11-21T12:00:00Z",
  tracks: 412,
  complete: true,
  hoursSeen: 63,
  oldest: "2026-11-15T08:00:00Z",
  leastConfidence: 0.8,
  leftOut: [{ why: "noPath", tracks: 3 }],
  shapes: [
    {
      id: "gate",
      kind: "line",
      name: "Gate",
      untried: null,
      fired: 37,
      told: [
        { what: "in", fired: 20 },
        { what: "out", fired: 17 },
      ],
      hours: [{ at: "2026-11-20T10:00:00Z", fired: 37 }],
      samples: [
        {
          eventId: "e1",
          eventAt: "2026-11-20T10:00:00Z",
          at: "2026-11-20T10:00:04Z",
          what: "in",
          class: "person",
          cropUrl: null,
        },
      ],
    },
  ],
};

const me = {
  id: "u",
  permissions: ["cameras.write", "events.read"],
  scopes: [{ scope: "tenant", scopeId: "t", permissions: ["cameras.write", "events.read"] }],
} as unknown as Me;

const post = vi.spyOn(api, "post");
const answers = (trial: AnalyticsTrial) => post.mockResolvedValueOnce(trial as never);
beforeEach(() => {
  post.mockReset();
  vi.spyOn(api, "get").mockImplementation((() => new Promise(() => undefined)) as never);
});
afterEach(cleanup);

const element = (of: Draft, id: string, queries: QueryClient) => (
  <QueryClientProvider client={queries}>
    <MemoryRouter>
      <ShapeTrial
        camera={{ id: "door", siteId: "s", groupIds: [] } as unknown as Camera}
        draft={of}
        shape={shapesOf(of).find((s) => s.id === id)!}
        settings={[...of.zones, ...of.lines].find((s) => s.id === id)!}
      />
    </MemoryRouter>
  </QueryClientProvider>
);

function open(of = draft, id = "gate", account = me) {
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false, staleTime: Infinity } } });
  queries.setQueryData(["me"], account);
  const { rerender } = render(element(of, id, queries));
  return (next: Draft) => rerender(element(next, id, queries));
}

const tryIt = () => screen.getByRole("button", { name: "Try it on the last 7 days" });

test("a line is tried alone on the last seven days, and what it would have told is shown with its moments", async () => {
  answers(told);
  open();
  await userEvent.click(tryIt());
  expect((await screen.findByTestId("fired")).textContent).toBe("It would have told something 37 times");

  const [path, { body }] = post.mock.lastCall as unknown as [
    string,
    { body: { analytics: Draft; from: string; to: string } },
  ];
  expect(path).toBe("/api/cameras/{id}/analytics/dry-run");
  expect(body.analytics.zones).toEqual([]);
  expect(body.analytics.lines).toEqual(draft.lines);
  expect(Date.parse(body.to) - Date.parse(body.from)).toBe(7 * 24 * 60 * 60 * 1000);

  expect(screen.getByText("20 × inwards · 17 × outwards")).toBeTruthy();
  expect(screen.getByText(/Tried on 412 objects, seen in 63 hours/)).toBeTruthy();
  expect(screen.getByRole("img").getAttribute("aria-label")).toContain("37 in all");
  expect(screen.getByText("Their way was not stored").nextSibling?.textContent).toBe("3");
  const moment = screen.getByRole("link", { name: /Inwards · Person/ });
  expect(moment.getAttribute("href")).toBe("/playback?camera=door&at=2026-11-20T10%3A00%3A04Z");
  expect(screen.queryByText(/were not stored: it may/)).toBeNull();
});

test("what was drawn otherwise since is said", async () => {
  answers(told);
  const draw = open();
  await userEvent.click(tryIt());
  await screen.findByTestId("fired");
  expect(screen.queryByText(/changed since/)).toBeNull();
  draw({ ...draft, lines: draft.lines.map((l) => ({ ...l, direction: "in" as const })) });
  expect(screen.getByText(/changed since/)).toBeTruthy();
  draw({ ...draft, zones: [] });
  expect(screen.queryByText(/changed since/)).toBeNull();
});

test("where less certain objects were not stored, it may have been more", async () => {
  answers(told);
  open({ ...draft, minConfidence: 0.5 });
  await userEvent.click(tryIt());
  expect(
    await screen.findByText("Objects less certain than 80 % were not stored: it may have been more."),
  ).toBeTruthy();
});

test("nothing was seen, and what else there was is not hidden", async () => {
  const nothing = {
    ...told,
    tracks: 0,
    oldest: null,
    leftOut: [],
    shapes: [{ ...told.shapes[0]!, fired: 0, told: [], hours: [], samples: [] }],
  };
  answers(nothing);
  open();
  await userEvent.click(tryIt());
  expect((await screen.findByTestId("fired")).textContent).toBe("Nothing was seen");
  expect(screen.getByText(/not analysed/)).toBeTruthy();
  answers({ ...nothing, leftOut: told.leftOut });
  await userEvent.click(tryIt());
  expect(await screen.findByText("Their way was not stored")).toBeTruthy();
});

test("a failure says why, and can be tried again", async () => {
  post.mockRejectedValueOnce(
    new ApiError({ status: 503, code: "planeUnavailable", title: "Analysis is not available", detail: "Try again." }),
  );
  open();
  await userEvent.click(tryIt());
  expect((await screen.findByRole("alert")).textContent).toContain("Analysis is not available");
  answers(told);
  await userEvent.click(tryIt());
  expect(await screen.findByTestId("fired")).toBeTruthy();
});

test("what cannot be tried says why, and asks nothing", () => {
  open({ ...draft, lines: draft.lines.map((l) => ({ ...l, presets: ["1"] })) });
  expect(screen.queryByRole("button")).toBeNull();
  expect(screen.getByText(/where it looked is not stored/)).toBeTruthy();
  cleanup();
  open(draft, "gate", { ...me, permissions: ["cameras.write"], scopes: [] } as unknown as Me);
  expect(screen.queryByRole("button")).toBeNull();
  expect(screen.getByText(/may not see this camera's events/)).toBeTruthy();
  cleanup();
  const bent = {
    ...draft,
    zones: [
      {
        ...draft.zones[0]!,
        polygon: [
          [0, 0],
          [1, 1],
          [1, 0],
          [0, 1],
        ],
      },
    ],
  };
  open(bent, "yard");
  expect(tryIt()).toHaveProperty("disabled", true);
});
