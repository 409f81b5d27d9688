import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { call } from "./client";
import { treeKey } from "./tree";
import type { Page } from "./types";

/** What a tenant or a site may use; null: as much as there is. `sessions` are a tenant's alone. */
export interface UsageLimits {
  camerasPerLayout?: number | null;
  sessions?: number | null;
  liveStreamsPerUser?: number | null;
}

export interface SiteView {
  id: string;
  name: string;
  cameras: number;
  limits: UsageLimits;
  createdAt: string;
}

export interface SiteRequest {
  name: string;
  limits: UsageLimits;
}

const sitesKey = ["sites"];

export function useSites() {
  return useQuery({
    queryKey: sitesKey,
    queryFn: async ({ signal }) => (await call<Page<SiteView>>("GET", "/api/sites", undefined, signal)).items,
  });
}

/** Where things stand, and with it who may do what, is another one. */
function useChanged() {
  const queries = useQueryClient();
  return () =>
    Promise.all([treeKey, sitesKey, ["cameras"], ["me"]].map((queryKey) => queries.invalidateQueries({ queryKey })));
}

export function useSaveSite(id: string | null) {
  const changed = useChanged();
  return useMutation({
    mutationFn: (request: SiteRequest) =>
      id === null
        ? call<SiteView>("POST", "/api/sites", request)
        : call<SiteView>("PATCH", `/api/sites/${id}`, request),
    onSuccess: changed,
  });
}

/** Refused while it has cameras. */
export function useDeleteSite() {
  const changed = useChanged();
  return useMutation({ mutationFn: (id: string) => call<void>("DELETE", `/api/sites/${id}`), onSuccess: changed });
}

export interface CameraGroupRequest {
  name?: string;
  /** Null: at the top. */
  parentId?: string | null;
}

export function useSaveCameraGroup(id: string | null) {
  const changed = useChanged();
  return useMutation({
    mutationFn: (request: CameraGroupRequest) =>
      id === null
        ? call<unknown>("POST", "/api/groups", request)
        : call<unknown>("PATCH", `/api/groups/${id}`, request),
    onSuccess: changed,
  });
}

/** Its cameras stay; the groups within it go up. */
export function useDeleteCameraGroup() {
  const changed = useChanged();
  return useMutation({ mutationFn: (id: string) => call<void>("DELETE", `/api/groups/${id}`), onSuccess: changed });
}

/** Where a camera stands: its site, and all the groups that it is in. */
export interface CameraPlaceRequest {
  siteId?: string;
  groupIds?: string[];
}

export const placeCamera = (id: string, place: CameraPlaceRequest) =>
  call<unknown>("PATCH", `/api/cameras/${id}`, place);

export const placeGroup = (id: string, parentId: string | null) =>
  call<unknown>("PATCH", `/api/groups/${id}`, { parentId });

export interface TenantView {
  id: string;
  name: string;
  limits: UsageLimits;
}

export function useTenant(id: string) {
  return useQuery({
    queryKey: ["tenants", id],
    queryFn: ({ signal }) => call<TenantView>("GET", `/api/tenants/${encodeURIComponent(id)}`, undefined, signal),
  });
}

export function usePatchTenant(id: string) {
  const queries = useQueryClient();
  const changed = useChanged();
  return useMutation({
    mutationFn: (request: { name: string; limits: UsageLimits }) =>
      call<TenantView>("PATCH", `/api/tenants/${encodeURIComponent(id)}`, request),
    onSuccess: () => Promise.all([changed(), queries.invalidateQueries({ queryKey: ["tenants"] })]),
  });
}
