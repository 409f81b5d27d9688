import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Services } from "./Services";

const startedAt = new Date(Date.now() - 3 * 3_600_000).toISOString();

function answerTo(path: string): Response {
  if (path.includes("/api/auth/refresh")) return Response.json({ accessToken: "a", refreshToken: "r", expiresIn: 900 });
  if (path.includes("/health/infrastructure"))
    return Response.json({
      nats: { connected: false, since: startedAt, reason: "refused", storedBytes: null },
      postgres: { connected: true, since: startedAt, reason: null, storedBytes: 61_000_000 },
    });
  const plane = path.split("/").at(-1)!;
  const view = { plane, status: "ok", ready: true, reasons: {}, startedAt, memoryBytes: 212_000_000 };
  if (plane === "media") return Response.json({ ...view, status: "unavailable", ready: false }, { status: 503 });
  if (plane === "recorder") return Response.json({ ...view, ready: false, reasons: { postgres: "not connected yet" } });
  return Response.json(view);
}

beforeEach(() => {
  localStorage.setItem("vms.refreshToken", "r");
  vi.stubGlobal("fetch", (path: string | URL | Request) =>
    Promise.resolve(answerTo(path instanceof Request ? path.url : String(path))),
  );
});

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
  localStorage.clear();
});

test("each service says how it is, since when, and why not", async () => {
  render(
    <QueryClientProvider client={new QueryClient()}>
      <Services />
    </QueryClientProvider>,
  );
  const card = async (name: string) => (await screen.findByText(name)).closest("[data-service-state]")!;
  await screen.findAllByText(/running for 3 h/);
  await vi.waitFor(async () => expect((await card("Media")).textContent).toContain("does not answer"));
  expect((await card("Control")).textContent).toContain("running for 3 h · 212 MB of memory");
  expect((await card("Recorder")).textContent).toContain("waits for what it needs");
  expect((await card("Recorder")).getAttribute("title")).toBe("postgres: not connected yet");
  expect((await card("NATS")).textContent).toContain("gone for 3 h");
  expect((await card("PostgreSQL")).textContent).toContain("61 MB on the disk");
});
