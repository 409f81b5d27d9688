import { useQuery } from "@tanstack/react-query";
import { api } from "./client";
import type { Camera, Me, Permission } from "./types";

/**
 * What the server asks for the whole tenant, never for one camera: who has it for a part alone is refused there. (The API's document names
 * these operations with `x-scope: tenant`; a test compares.)
 */
export const ofWholeTenant: ReadonlySet<Permission> = new Set<Permission>([
  "users.read",
  "users.write",
  "roles.write",
  "apikeys.write",
  "audit.read",
  "sites.write",
  "groups.write",
  "devices.discover",
  "servers.write",
  "tenants.write",
  "system.read",
  "system.write",
  "integrations.write",
  "rules.write",
  "plates.write",
]);

export function useMe() {
  return useQuery({
    queryKey: ["me"],
    queryFn: ({ signal }) => api.get("/api/auth/me", { signal }),
    staleTime: 60_000,
  });
}

/** What the signed-in user may do; nothing while that is not known. The server decides: this only keeps from offering in vain. */
export function useMay(): (permission: Permission) => boolean {
  const me = useMe().data;
  return (permission) => me !== undefined && mayOf(me, permission);
}

export function mayOf(me: Me, permission: Permission): boolean {
  if (!ofWholeTenant.has(permission)) return me.permissions.includes(permission);
  return wholeTenantOf(me).includes(permission);
}

/**
 * What may be done with one camera. A group may lie in another, which only the tree tells: a right on some group counts for every camera that is in
 * one, and the server has the last word.
 */
export function mayFor(me: Me, permission: Permission, camera: Pick<Camera, "id" | "siteId" | "groupIds">): boolean {
  if (ofWholeTenant.has(permission)) return mayOf(me, permission);
  return me.scopes.some(({ scope, scopeId, permissions }) => {
    if (!permissions.includes(permission)) return false;
    switch (scope) {
      case "tenant":
        return true;
      case "site":
        return scopeId === camera.siteId;
      case "group":
        return camera.groupIds.length > 0;
      default:
        return scopeId === camera.id;
    }
  });
}

/** As `useMay`, of one camera. */
export function useMayFor(): (permission: Permission, camera: Pick<Camera, "id" | "siteId" | "groupIds">) => boolean {
  const me = useMe().data;
  return (permission, camera) => me !== undefined && mayFor(me, permission, camera);
}

/** What holds for everything there is: no more than that can be given to others. */
export const wholeTenantOf = (me: Me): readonly string[] =>
  me.scopes.find((s) => s.scope === "tenant")?.permissions ?? [];
