import type { GrantView, RoleView } from "@/api/roles";
import { groupsOf, type GetTreeTenantNode } from "@/api/tree";
import { wordFor } from "@/i18n/catalogue";
import { words } from "./words";

/** The built-in ones have a name in every language; the others have the one that somebody gave them. */
export function roleName(role: RoleView): string {
  return (role.builtIn ? wordFor(words.roles, role.id) : undefined) ?? role.name;
}

export function roleNameOf(roleId: string, roles: readonly RoleView[] | undefined): string {
  const role = roles?.find((r) => r.id === roleId);
  return role ? roleName(role) : (wordFor(words.roles, roleId) ?? words.unknownRole(roleId));
}

/** What a grant can name: ids and names of the sites, groups and cameras that one sees. */
export type Places = Record<"site" | "group" | "camera", ReadonlyMap<string, string>>;

/** Not everything (`tenant`), and nothing that is not known here. */
export const isPlace = (scope: string): scope is keyof Places =>
  scope === "site" || scope === "group" || scope === "camera";

/** @param tree undefined while it is not known, or where one may not see it */
export function placesOf(tree: GetTreeTenantNode | undefined): Places {
  const sites = tree?.sites ?? [];
  return {
    site: new Map(sites.map((s) => [s.id, s.name])),
    group: new Map([...groupsOf(tree?.groups ?? [])].map(({ group }) => [group.id, group.name])),
    camera: new Map(sites.flatMap((s) => s.cameras.map((c) => [c.id, c.name]))),
  };
}

/** "Operator at North", "Viewer everywhere". */
export function grantWords(grant: GrantView, roles: readonly RoleView[] | undefined, places: Places): string {
  const role = roleNameOf(grant.roleId, roles);
  const { scope, scopeId } = grant;
  if (!isPlace(scope)) return scope === "tenant" ? words.everywhere(role) : role;
  const id = scopeId ?? "";
  const name = places[scope].get(id) ?? words.outOfSight(id);
  return { site: words.onSite, group: words.onGroup, camera: words.onCamera }[scope](role, name);
}

/** Nobody gives more than they have for everything. */
export const isBeyond = (role: RoleView, mine: readonly string[]): boolean =>
  role.permissions.some((p) => !mine.includes(p));
