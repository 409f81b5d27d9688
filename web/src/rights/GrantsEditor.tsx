import { Plus, X } from "lucide-react";
import { useRoles, type GrantView, type RoleView } from "@/api/roles";
import { groupsOf, useTree, type GetTreeTenantNode } from "@/api/tree";
import { useMay, useMe, wholeTenantOf } from "@/api/useMe";
import { Button } from "@/components/ui/Button";
import { SelectField } from "@/components/ui/Field";
import { wordFor } from "@/i18n/catalogue";
import { grantWords, isBeyond, isPlace, placesOf, roleName, type Places } from "./grantWords";
import { words } from "./words";

const scopes = ["tenant", "site", "group", "camera"] as const;

/**
 * Roles and where each counts: for everything, a site, a camera group or a camera. Whoever edits keeps the list; a grant without a place yet has an empty
 * `scopeId`, and the browser does not let the form be sent.
 */
export function GrantsEditor({
  grants,
  onChange,
  error,
}: {
  grants: GrantView[];
  onChange: (grants: GrantView[]) => void;
  /** What is wrong with a field of it, by the API's name: `grants[0].scopeId`. */
  error?: ((field: string) => string | undefined) | undefined;
}) {
  const may = useMay();
  const roles = useRoles(may("users.read"));
  const tree = useTree(may("cameras.read"));
  const me = useMe().data;
  const mine = me ? wholeTenantOf(me) : [];
  const replace = (index: number, grant: GrantView) => onChange(grants.map((g, i) => (i === index ? grant : g)));
  const list = roles.data ?? [];
  const places = placesOf(tree.data);
  const usual = list.find((r) => r.id === "viewer" && !isBeyond(r, mine)) ?? list.find((r) => !isBeyond(r, mine));

  return (
    <fieldset className="space-y-2">
      <legend className="text-soft text-[13px] font-medium">{words.rights}</legend>
      {grants.length === 0 && <p className="text-faint text-[13px]">{words.noneGiven}</p>}
      {grants.map((grant, i) => (
        <div key={i} className="bg-ground flex items-start gap-2 rounded-md border p-2">
          <div className="flex min-w-0 flex-1 flex-wrap gap-2">
            <RoleChoice
              grant={grant}
              roles={list}
              mine={mine}
              error={error?.(`grants[${i}].roleId`)}
              onChange={(roleId) => replace(i, { ...grant, roleId })}
            />
            <SelectField
              label={words.where}
              className="min-w-32 flex-1"
              value={grant.scope}
              error={error?.(`grants[${i}].scope`)}
              onChange={(e) => {
                const scope = e.target.value;
                replace(i, { roleId: grant.roleId, scope, scopeId: scope === "tenant" ? null : "" });
              }}
            >
              {scopes.map((scope) => (
                <option key={scope} value={scope}>
                  {{ tenant: words.everything, site: words.aSite, group: words.aGroup, camera: words.aCamera }[scope]}
                </option>
              ))}
            </SelectField>
            {isPlace(grant.scope) && (
              <SelectField
                label={words.which[grant.scope]}
                className="min-w-40 flex-[2]"
                required
                value={grant.scopeId ?? ""}
                error={error?.(`grants[${i}].scopeId`)}
                onChange={(e) => replace(i, { ...grant, scopeId: e.target.value })}
              >
                <option value="">{words.choose}</option>
                {grant.scopeId && !places[grant.scope].has(grant.scopeId) && (
                  <option value={grant.scopeId}>{words.outOfSight(grant.scopeId)}</option>
                )}
                {tree.data && <PlaceOptions scope={grant.scope} tree={tree.data} />}
              </SelectField>
            )}
          </div>
          <Button
            size="icon"
            variant="ghost"
            className="mt-6.5 max-md:size-11"
            aria-label={words.removeRight(grantWords(grant, list, places))}
            onClick={() => onChange(grants.filter((_, j) => j !== i))}
          >
            <X />
          </Button>
        </div>
      ))}
      <Button
        size="sm"
        className="max-md:h-11"
        disabled={!usual}
        onClick={() => usual && onChange([...grants, { roleId: usual.id, scope: "tenant", scopeId: null }])}
      >
        <Plus /> {words.addRight}
      </Button>
    </fieldset>
  );
}

function RoleChoice({
  grant,
  roles,
  mine,
  error,
  onChange,
}: {
  grant: GrantView;
  roles: RoleView[];
  mine: readonly string[];
  error: string | undefined;
  onChange: (roleId: string) => void;
}) {
  return (
    <SelectField
      label={words.role}
      className="min-w-36 flex-1"
      value={grant.roleId}
      title={wordFor(words.roleHints, grant.roleId)}
      error={error}
      onChange={(e) => onChange(e.target.value)}
    >
      {!roles.some((r) => r.id === grant.roleId) && <option value={grant.roleId}>{grant.roleId}</option>}
      {roles.map((role) => {
        const beyond = isBeyond(role, mine);
        return (
          <option key={role.id} value={role.id} disabled={beyond && role.id !== grant.roleId}>
            {beyond ? words.beyond(roleName(role)) : roleName(role)}
          </option>
        );
      })}
    </SelectField>
  );
}

function PlaceOptions({ scope, tree }: { scope: keyof Places; tree: GetTreeTenantNode }) {
  if (scope === "site")
    return tree.sites.map((site) => (
      <option key={site.id} value={site.id}>
        {site.name}
      </option>
    ));
  if (scope === "group")
    return [...groupsOf(tree.groups)].map(({ group, depth }) => (
      <option key={group.id} value={group.id}>
        {"\u2003".repeat(depth)}
        {group.name}
      </option>
    ));
  return tree.sites.map((site) => (
    <optgroup key={site.id} label={site.name}>
      {site.cameras.map((camera) => (
        <option key={camera.id} value={camera.id}>
          {camera.name}
        </option>
      ))}
    </optgroup>
  ));
}
