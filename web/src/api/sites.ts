import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "./client";
import { treeKey } from "./tree";
import type { CameraInput, Schemas } from "./types";
import { ifMatch, useFirst } from "./version";

/** What a tenant or a site may use; null: as much as there is. `sessions` are a tenant's alone. */
export type UsageLimits = Schemas["UsageLimits"];

const sitesKey = ["sites"];

export function useSites() {
  return useQuery({
    queryKey: sitesKey,
    queryFn: async ({ signal }) => (await api.get("/api/sites", { signal })).items,
  });
}

/** Where things stand, and with it who may do what, is another one. */
function useChanged() {
  const queries = useQueryClient();
  return () =>
    Promise.all([treeKey, sitesKey, ["cameras"], ["me"]].map((queryKey) => queries.invalidateQueries({ queryKey })));
}

export function useSaveSite(id: string | null, site: Schemas["SiteView"] | undefined) {
  const version = useFirst(site?.version);
  const changed = useChanged();
  return useMutation({
    mutationFn: (request: Schemas["PatchSiteRequest"]) =>
      id === null
        ? api.post("/api/sites", { body: request })
        : api.patch("/api/sites/{id}", { path: { id }, body: request, ...ifMatch(version) }),
    onSettled: changed,
  });
}

/** Refused while it has cameras. */
export function useDeleteSite() {
  const changed = useChanged();
  return useMutation({
    mutationFn: (id: string) => api.delete("/api/sites/{id}", { path: { id } }),
    onSuccess: changed,
  });
}

/** A `parentId` of null is the top. */
export function useSaveCameraGroup(id: string | null) {
  const changed = useChanged();
  return useMutation({
    mutationFn: (request: Schemas["AddCameraGroupRequest"]) =>
      id === null
        ? api.post("/api/groups", { body: request })
        : api.patch("/api/groups/{id}", { path: { id }, body: request }),
    onSuccess: changed,
  });
}

/** Its cameras stay; the groups within it go up. */
export function useDeleteCameraGroup() {
  const changed = useChanged();
  return useMutation({
    mutationFn: (id: string) => api.delete("/api/groups/{id}", { path: { id } }),
    onSuccess: changed,
  });
}

/** Where a camera stands: its site, and all the groups that it is in. */
export const placeCamera = (id: string, place: Pick<CameraInput, "siteId" | "groupIds">) =>
  api.patch("/api/cameras/{id}", { path: { id }, body: place });

/** @param parentId Null: at the top. */
export const placeGroup = (id: string, parentId: string | null) =>
  api.patch("/api/groups/{id}", { path: { id }, body: { parentId } });

export function useTenant(id: string) {
  return useQuery({
    queryKey: ["tenants", id],
    queryFn: ({ signal }) => api.get("/api/tenants/{id}", { path: { id }, signal }),
  });
}

export function usePatchTenant(id: string, tenant: Schemas["TenantView"] | undefined) {
  const version = useFirst(tenant?.version);
  const queries = useQueryClient();
  const changed = useChanged();
  return useMutation({
    mutationFn: (request: Schemas["PatchTenantRequest"]) =>
      api.patch("/api/tenants/{id}", { path: { id }, body: request, ...ifMatch(version) }),
    onSettled: () => Promise.all([changed(), queries.invalidateQueries({ queryKey: ["tenants"] })]),
  });
}
