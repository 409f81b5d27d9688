import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { call } from "./client";
import type { Page, Permission } from "./types";

export type GrantScope = "tenant" | "site" | "group" | "camera";

/** A role for everything (`tenant`; then without an id), or for one site, camera group or camera. */
export interface GrantView {
  roleId: string;
  scope: GrantScope;
  scopeId?: string | null;
}

export interface RoleView {
  id: string;
  name: string;
  /** It comes with the program and cannot be changed. */
  builtIn: boolean;
  permissions: Permission[];
  /** So many users, groups and API keys have it. */
  users: number;
}

export interface RoleRequest {
  name: string;
  permissions: Permission[];
}

const key = ["roles"];

/** The built-in ones first. */
export function useRoles(enabled = true) {
  return useQuery({
    queryKey: key,
    queryFn: async ({ signal }) => (await call<Page<RoleView>>("GET", "/api/roles", undefined, signal)).items,
    enabled,
  });
}

export function useSaveRole(id: string | null) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (request: RoleRequest) =>
      id === null
        ? call<RoleView>("POST", "/api/roles", request)
        : call<RoleView>("PATCH", `/api/roles/${id}`, request),
    onSuccess: () => Promise.all([key, ["me"]].map((queryKey) => queries.invalidateQueries({ queryKey }))),
  });
}

/** Refused while somebody has it. */
export function useDeleteRole() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => call<void>("DELETE", `/api/roles/${id}`),
    onSuccess: () => queries.invalidateQueries({ queryKey: key }),
  });
}
