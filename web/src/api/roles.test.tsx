import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, renderHook, waitFor } from "@testing-library/react";
import type { ReactNode } from "react";
import { expect, test, vi } from "vitest";
import { ApiError } from "./problem";
import { useDeleteRole, useRoles, useSaveRole, type RoleView } from "./roles";

const role: RoleView = {
  id: "r1",
  name: "Night",
  builtIn: false,
  permissions: ["live.view"],
  users: 0,
  version: "one",
};

let read = 0;
let refuse = false;
const sent: unknown[] = [];

vi.mock("@/api/client", () => {
  const change = async (path: string, options: unknown) => {
    sent.push([path, options]);
    if (refuse) throw new ApiError({ status: 412, code: "changedMeanwhile", title: "It was changed meanwhile" });
  };
  return {
    api: {
      get: async () => {
        read++;
        return { items: [role] };
      },
      patch: change,
      delete: change,
    },
  };
});

function show() {
  const queries = new QueryClient({ defaultOptions: { mutations: { retry: false } } });
  return renderHook(
    ({ edited }: { edited: RoleView }) => ({
      roles: useRoles(),
      save: useSaveRole(edited),
      remove: useDeleteRole(),
    }),
    {
      initialProps: { edited: role },
      wrapper: ({ children }: { children: ReactNode }) => (
        <QueryClientProvider client={queries}>{children}</QueryClientProvider>
      ),
    },
  );
}

test("a role is changed only while it is what the form began with; refused, the list is read again", async () => {
  const { result, rerender } = show();
  await waitFor(() => expect(result.current.roles.data).toBeDefined());
  rerender({ edited: { ...role, name: "Late", version: "two" } });
  refuse = true;
  const before = read;
  await act(async () => {
    await result.current.save.mutateAsync({ name: "Day", permissions: [] }).catch(() => undefined);
  });
  expect(sent.at(-1)).toEqual([
    "/api/roles/{roleId}",
    { path: { roleId: "r1" }, body: { name: "Day", permissions: [] }, ifMatch: '"one"' },
  ]);
  expect(result.current.save.error).toMatchObject({ code: "changedMeanwhile" });
  expect(read).toBeGreaterThan(before);
});

test("a role is deleted only while it is what the list shows", async () => {
  refuse = false;
  const { result } = show();
  await act(() => result.current.remove.mutateAsync({ ...role, version: "three" }));
  expect(sent.at(-1)).toEqual(["/api/roles/{roleId}", { path: { roleId: "r1" }, ifMatch: '"three"' }]);
});
