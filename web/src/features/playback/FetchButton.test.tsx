import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test } from "vitest";
import type { Camera, Permission } from "@/api/types";
import { chooseLanguage } from "@/i18n/language";
import type { Span } from "@/timeline/footage";
import { FetchButton } from "./FetchButton";

afterEach(() => {
  cleanup();
  chooseLanguage(null);
});

const camera = { id: "c1", name: "Gate", siteId: "s", groupIds: [], mainUrl: "rtsp://10.0.0.1/1", nvrId: null };
const gap: Span = { from: Date.UTC(2026, 10, 20, 9), to: Date.UTC(2026, 10, 20, 10) };

/** What somebody with these permissions for the camera alone is offered. */
function show(part: Partial<Camera>, span: Span | null, busy: boolean, ...permissions: Permission[]) {
  const queries = new QueryClient({ defaultOptions: { queries: { staleTime: Infinity, retry: false } } });
  const scopes = [{ scope: "camera", scopeId: "c1", permissions }];
  queries.setQueryData(["me"], { id: "1", username: "eva", role: "viewer", tenantId: "default", permissions, scopes });
  const begun: Span[] = [];
  render(
    <QueryClientProvider client={queries}>
      <FetchButton
        camera={{ ...camera, ...part } as Camera}
        span={span}
        fetching={{ begin: (_, asked) => begun.push(asked), isBusy: () => busy }}
      />
    </QueryClientProvider>,
  );
  return begun;
}

test("a gap is asked for from the camera, once at a time", async () => {
  const begun = show({}, gap, false, "recordings.start");
  await userEvent.click(screen.getByRole("button", { name: "Fetch from the camera" }));
  expect(begun).toEqual([gap]);
  cleanup();
  show({}, gap, true, "recordings.start");
  expect(screen.getByRole<HTMLButtonElement>("button").disabled).toBe(true);
});

test("what a recorder may have is fetched from the recorder", () => {
  chooseLanguage("de");
  show({ nvrId: "n1" }, gap, false, "recordings.start");
  expect(screen.getByRole("button", { name: "Vom Rekorder holen" })).toBeDefined();
});

test("nothing is offered where nothing is missing, nobody can be asked, or it is not allowed", () => {
  show({}, null, false, "recordings.start");
  show({ mainUrl: "push:" }, gap, false, "recordings.start");
  show({}, gap, false, "recordings.read");
  expect(screen.queryByRole("button")).toBeNull();
});
