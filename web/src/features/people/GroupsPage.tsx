import { Pencil, Plus, Trash2, UsersRound } from "lucide-react";
import { useSearchParams } from "react-router";
import { useRoles } from "@/api/roles";
import { useTree } from "@/api/tree";
import { useMay } from "@/api/useMe";
import { useDeleteUserGroup, useUserGroups, type UserGroupView } from "@/api/userGroups";
import { useUsers } from "@/api/users";
import { cn } from "@/components/cn";
import { ConfirmDialog } from "@/components/ConfirmDialog";
import { ListSkeleton } from "@/components/ListSkeleton";
import { SectionHeader } from "@/components/SectionHeader";
import { EmptyState, QueryError } from "@/components/States";
import { Button } from "@/components/ui/Button";
import { RowMenu } from "@/components/ui/RowMenu";
import { words as pageWords } from "@/components/words";
import { grantWords, placesOf } from "@/rights/grantWords";
import { words as rightsWords } from "@/rights/words";
import { UserGroupDialog } from "./UserGroupDialog";
import { words } from "./words";

/** Groups of people. `?edit=ID|new` and `?delete=ID` are links too. */
export function GroupsPage() {
  const [search, setSearch] = useSearchParams();
  const may = useMay();
  const groups = useUserGroups();
  const users = useUsers();
  const roles = useRoles();
  const tree = useTree(may("cameras.read"));
  const mayWrite = may("users.write");
  const all = groups.data ?? [];
  const places = placesOf(tree.data);
  const nameOf = (id: string) => users.data?.find((u) => u.id === id)?.username ?? "…";
  const one = (key: string) => (mayWrite ? all.find((g) => g.id === search.get(key)) : undefined);
  const close = () => setSearch({}, { replace: true });
  const edited = one("edit");
  const deleted = one("delete");

  return (
    <section aria-label={words.groups}>
      <SectionHeader title={words.groups} lead={words.groupsLead}>
        {mayWrite && all.length > 0 && (
          <Button variant="primary" className="max-md:h-11" onClick={() => setSearch({ edit: "new" })}>
            <Plus /> {words.addGroup}
          </Button>
        )}
      </SectionHeader>
      {groups.isPending ? (
        <ListSkeleton lines={3} />
      ) : groups.isError && all.length === 0 ? (
        <QueryError what={words.theGroups} error={groups.error} onRetry={() => void groups.refetch()} />
      ) : all.length === 0 ? (
        <div className="bg-panel rounded-lg border">
          <EmptyState icon={<UsersRound />} title={words.noGroupsYet} detail={words.noGroupsYetDetail}>
            {mayWrite && (
              <Button variant="primary" className="max-md:h-11" onClick={() => setSearch({ edit: "new" })}>
                <Plus /> {words.addGroup}
              </Button>
            )}
          </EmptyState>
        </div>
      ) : (
        <ul className="bg-panel divide-y rounded-lg border">
          {all.map((group) => {
            const rights = group.grants.map((g) => grantWords(g, roles.data, places));
            return (
              <li key={group.id} className="flex items-center gap-3 px-4 py-3">
                <div className="grid min-w-0 flex-1 gap-x-6 gap-y-0.5 md:grid-cols-[minmax(0,1fr)_minmax(0,1.4fr)]">
                  <div className="min-w-0">
                    <p className="truncate font-medium">{group.name}</p>
                    <p className="text-soft text-[13px]">{words.memberCount(group.memberIds.length)}</p>
                  </div>
                  <div className="min-w-0 text-[13px]">
                    <p className={cn("text-pretty", rights.length === 0 && "text-faint")}>
                      {rights.length ? rights.join(", ") : rightsWords.noRights}
                    </p>
                    <p className="text-soft truncate">{group.memberIds.map(nameOf).join(", ") || words.nobody}</p>
                  </div>
                </div>
                {mayWrite && (
                  <RowMenu
                    label={pageWords.actionsFor(group.name)}
                    actions={[
                      { label: words.edit, icon: Pencil, onSelect: () => setSearch({ edit: group.id }) },
                      {
                        label: words.delete,
                        icon: Trash2,
                        danger: true,
                        onSelect: () => setSearch({ delete: group.id }),
                      },
                    ]}
                  />
                )}
              </li>
            );
          })}
        </ul>
      )}
      {mayWrite && search.get("edit") === "new" && <UserGroupDialog group={null} onClose={close} />}
      {edited && <UserGroupDialog key={edited.id} group={edited} onClose={close} />}
      {deleted && <DeleteGroup group={deleted} onClose={close} />}
    </section>
  );
}

function DeleteGroup({ group, onClose }: { group: UserGroupView; onClose: () => void }) {
  const remove = useDeleteUserGroup();
  return (
    <ConfirmDialog
      title={words.deleteGroup(group.name)}
      description={words.deleteGroupDetail(group.memberIds.length)}
      action={words.deleteGroupAct}
      error={remove.error}
      busy={remove.isPending}
      onConfirm={() => remove.mutate(group, { onSuccess: onClose })}
      onClose={onClose}
    />
  );
}
