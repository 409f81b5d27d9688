import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, cleanup, renderHook, waitFor } from "@testing-library/react";
import type { ReactNode } from "react";
import { afterEach, expect, test, vi } from "vitest";
import type { Candidate } from "./found";
import { useAdding } from "./useAdding";

let slices: string[][] = [];

vi.mock("@/api/client", () => ({
  api: {
    post: async (_: string, { body }: { body: { devices: { ip: string }[] } }) => {
      slices.push(body.devices.map((d) => d.ip));
      return { id: `j${slices.length}`, state: "queued" };
    },
    get: async () => {
      const devices = slices.at(-1)!.map((ip) => ({ ip, cameraId: `cam-${ip}`, code: null, detail: null }));
      return { id: `j${slices.length}`, state: "done", result: { devices } };
    },
  },
}));

afterEach(cleanup);

test("more than a job takes are sent one job after the other", async () => {
  slices = [];
  const queries = new QueryClient();
  const wrapper = ({ children }: { children: ReactNode }) => (
    <QueryClientProvider client={queries}>{children}</QueryClientProvider>
  );
  const { result } = renderHook(() => useAdding(), { wrapper });
  const login = { username: "", password: "", name: "" };
  const wishes = Array.from({ length: 1100 }, (_, i) => {
    const ip = `10.0.${Math.floor(i / 250)}.${(i % 250) + 1}`;
    return { device: { key: ip, ip, port: 80, name: ip } as Candidate, login };
  });
  act(() => result.current.add(wishes));
  await waitFor(() => expect(slices.map((s) => s.length)).toEqual([500, 500, 100]), { timeout: 10_000 });
  await waitFor(() => expect(result.current.busy).toBe(false));
  expect(Object.values(result.current.states).filter((s) => s.state === "added")).toHaveLength(1100);
});
