import { useQuery } from "@tanstack/react-query";
import { call } from "./client";
import type { Me, Permission } from "./types";

/**
 * What the server asks for the whole tenant: who has it for a part alone is refused there. (The API's document names these operations with
 * `x-scope: tenant`; a test compares. What is asked in both ways counts as the pages need it.)
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
]);

export function useMe() {
  return useQuery({
    queryKey: ["me"],
    queryFn: ({ signal }) => call<Me>("GET", "/api/auth/me", undefined, signal),
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

/** What holds for everything there is: no more than that can be given to others. */
export const wholeTenantOf = (me: Me): readonly Permission[] =>
  (me.scopes.find((s) => s.scope === "tenant")?.permissions as Permission[] | undefined) ?? [];
