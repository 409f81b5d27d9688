import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "./client";
import type { Schemas } from "./types";
import { ifMatch, useFirst } from "./version";

/** A tenant as the installation's administrator sees it: how much of it there is, never what. */
export type TenantView = Schemas["TenantView"];

const key = ["tenants"];

export function useTenants() {
  return useQuery({
    queryKey: key,
    queryFn: async ({ signal }) => (await api.get("/api/tenants", { signal })).items,
  });
}

export function useTenant(id: string) {
  return useQuery({
    queryKey: [...key, id],
    queryFn: ({ signal }) => api.get("/api/tenants/{id}", { path: { id }, signal }),
  });
}

function useChanged() {
  const queries = useQueryClient();
  // Its name is that of the tree's root.
  return () => Promise.all([key, ["tree"]].map((queryKey) => queries.invalidateQueries({ queryKey })));
}

export function useAddTenant() {
  return useMutation({
    mutationFn: (body: Schemas["AddTenantRequest"]) => api.post("/api/tenants", { body }),
    onSuccess: useChanged(),
  });
}

export function usePatchTenant(id: string, tenant: TenantView | undefined) {
  const version = useFirst(tenant?.version);
  return useMutation({
    mutationFn: (body: Schemas["PatchTenantRequest"]) =>
      api.patch("/api/tenants/{id}", { path: { id }, body, ...ifMatch(version) }),
    onSettled: useChanged(),
  });
}

export function useDeleteTenant() {
  return useMutation({
    mutationFn: (id: string) => api.delete("/api/tenants/{id}", { path: { id } }),
    onSuccess: useChanged(),
  });
}
