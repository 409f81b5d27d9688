import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "./client";
import type { Schemas } from "./types";
import { ifMatch, useFirst } from "./version";

/** A role for everything (`tenant`; then without an id), or for one site, camera group or camera. */
export type GrantView = Schemas["GrantView"];
export type RoleView = Schemas["RoleView"];

const key = ["roles"];

/** The built-in ones first. */
export function useRoles(enabled = true) {
  return useQuery({
    queryKey: key,
    queryFn: async ({ signal }) => (await api.get("/api/roles", { signal })).items,
    enabled,
  });
}

export function useSaveRole(role: RoleView | null) {
  const version = useFirst(role?.version);
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (request: Schemas["AddRoleRequest"]) =>
      role === null
        ? api.post("/api/roles", { body: request })
        : api.patch("/api/roles/{roleId}", { path: { roleId: role.id }, body: request, ...ifMatch(version) }),
    onSettled: () => Promise.all([key, ["me"]].map((queryKey) => queries.invalidateQueries({ queryKey }))),
  });
}

/** Refused while somebody has it. */
export function useDeleteRole() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ id, version }: RoleView) =>
      api.delete("/api/roles/{roleId}", { path: { roleId: id }, ...ifMatch(version) }),
    onSettled: () => queries.invalidateQueries({ queryKey: key }),
  });
}
