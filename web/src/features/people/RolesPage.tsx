import { Check as Tick, Minus, Pencil, Plus, Trash2 } from "lucide-react";
import { Fragment } from "react";
import { useSearchParams } from "react-router";
import { useDeleteRole, useRoles, type RoleView } from "@/api/roles";
import { ofWholeTenant, useMay } from "@/api/useMe";
import { ConfirmDialog } from "@/components/ConfirmDialog";
import { ListSkeleton } from "@/components/ListSkeleton";
import { SectionHeader } from "@/components/SectionHeader";
import { QueryError } from "@/components/States";
import { Button } from "@/components/ui/Button";
import { RowMenu } from "@/components/ui/RowMenu";
import { words as pageWords } from "@/components/words";
import { wordFor } from "@/i18n/catalogue";
import { roleName } from "@/rights/grantWords";
import { groupNames, permissionGroups } from "@/rights/permissionGroups";
import { words as rightsWords } from "@/rights/words";
import { RoleDialog } from "./RoleDialog";
import { words } from "./words";

/** What each role may do, side by side. `?edit=ID|new` and `?delete=ID` are links too. */
export function RolesPage() {
  const [search, setSearch] = useSearchParams();
  const roles = useRoles();
  const mayWrite = useMay()("roles.write");
  const all = roles.data ?? [];
  const own = (key: string) => (mayWrite ? all.find((r) => !r.builtIn && r.id === search.get(key)) : undefined);
  const close = () => setSearch({}, { replace: true });
  const edited = own("edit");
  const deleted = own("delete");

  return (
    <section aria-label={words.roles}>
      <SectionHeader title={words.roles} lead={words.rolesLead}>
        {mayWrite && (
          <Button variant="primary" className="max-md:h-11" onClick={() => setSearch({ edit: "new" })}>
            <Plus /> {words.addRole}
          </Button>
        )}
      </SectionHeader>
      {roles.isPending ? (
        <ListSkeleton lines={8} className="h-10" />
      ) : roles.isError && all.length === 0 ? (
        <QueryError what={words.theRoles} error={roles.error} onRetry={() => void roles.refetch()} />
      ) : (
        <Matrix
          roles={all}
          mayWrite={mayWrite}
          onEdit={(id) => setSearch({ edit: id })}
          onDelete={(id) => setSearch({ delete: id })}
        />
      )}
      {mayWrite && search.get("edit") === "new" && <RoleDialog edited={null} roles={all} onClose={close} />}
      {edited && <RoleDialog key={edited.id} edited={edited} roles={all} onClose={close} />}
      {deleted && <DeleteRole deleted={deleted} onClose={close} />}
    </section>
  );
}

function Matrix({
  roles,
  mayWrite,
  onEdit,
  onDelete,
}: {
  roles: RoleView[];
  mayWrite: boolean;
  onEdit: (id: string) => void;
  onDelete: (id: string) => void;
}) {
  return (
    // Wider than a phone: it scrolls, with the words standing still; so it can be reached by keyboard.
    <div
      className="bg-panel relative max-w-full overflow-x-auto rounded-lg border"
      role="region"
      aria-label={words.rolePermissions}
      // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
    >
      <table className="w-full border-collapse text-[13px]">
        <thead>
          <tr className="border-b align-bottom">
            <th scope="col" className="bg-panel sticky left-0 z-10 min-w-44 px-4 py-3 text-left font-medium">
              <span className="sr-only">{words.permission}</span>
            </th>
            {roles.map((role) => (
              <th
                key={role.id}
                scope="col"
                className="min-w-28 px-2 py-3 font-medium"
                title={wordFor(rightsWords.roleHints, role.id)}
              >
                <div className="flex items-center justify-center gap-1">
                  <span className="break-words">{roleName(role)}</span>
                  {!role.builtIn && mayWrite && (
                    <RowMenu
                      label={pageWords.actionsFor(role.name)}
                      actions={[
                        { label: words.edit, icon: Pencil, onSelect: () => onEdit(role.id) },
                        { label: words.delete, icon: Trash2, danger: true, onSelect: () => onDelete(role.id) },
                      ]}
                    />
                  )}
                </div>
                <span className="text-faint block text-[12px] font-normal" title={words.heldByTitle}>
                  {words.heldBy(role.users)}
                </span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {groupNames.map((group) => (
            <Fragment key={group}>
              <tr className="bg-raised/50">
                <th
                  scope="colgroup"
                  colSpan={roles.length + 1}
                  className="text-soft px-4 py-1.5 text-left text-[12px] font-medium"
                >
                  <span className="sticky left-4">{rightsWords.groups[group]}</span>
                </th>
              </tr>
              {permissionGroups[group].map((permission) => (
                <tr key={permission} className="hover:bg-raised/40 border-t">
                  <th
                    scope="row"
                    className="bg-panel sticky left-0 z-10 px-4 py-2 text-left font-normal"
                    title={permission}
                  >
                    {rightsWords.permissions[permission]}
                    {ofWholeTenant.has(permission) && (
                      <span className="text-faint" title={rightsWords.everywhereOnly}>
                        {" *"}
                      </span>
                    )}
                  </th>
                  {roles.map((role) => (
                    <td key={role.id} className="px-2 py-2">
                      {role.permissions.includes(permission) ? (
                        <Tick className="text-good mx-auto size-4" role="img" aria-label={words.allowed} />
                      ) : (
                        <Minus className="text-line mx-auto size-4" role="img" aria-label={words.notAllowed} />
                      )}
                    </td>
                  ))}
                </tr>
              ))}
            </Fragment>
          ))}
        </tbody>
      </table>
      <p className="text-faint border-t px-4 py-2 text-[12px]">
        {"* "}
        {rightsWords.everywhereOnly}
      </p>
    </div>
  );
}

function DeleteRole({ deleted, onClose }: { deleted: RoleView; onClose: () => void }) {
  const remove = useDeleteRole();
  return (
    <ConfirmDialog
      title={words.deleteRole(deleted.name)}
      description={deleted.users > 0 ? words.inUse : words.deleteRoleDetail}
      action={words.deleteRoleAct}
      error={remove.error}
      busy={remove.isPending}
      disabled={deleted.users > 0}
      onConfirm={() => remove.mutate(deleted, { onSuccess: onClose })}
      onClose={onClose}
    />
  );
}
