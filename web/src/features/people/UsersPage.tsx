import { KeyRound, Pencil, Plus, Power, ShieldCheck, ShieldOff, Trash2, UserRound } from "lucide-react";
import { useSearchParams } from "react-router";
import { toast } from "sonner";
import { useRoles, type RoleView } from "@/api/roles";
import { useTree } from "@/api/tree";
import { useMay, useMe } from "@/api/useMe";
import { useDeleteUser, usePatchUser, useResetTotp, useUsers, type UserView } from "@/api/users";
import { cn } from "@/components/cn";
import { ConfirmDialog } from "@/components/ConfirmDialog";
import { ListSkeleton } from "@/components/ListSkeleton";
import { SectionHeader } from "@/components/SectionHeader";
import { EmptyState, QueryError } from "@/components/States";
import { Button } from "@/components/ui/Button";
import { RowMenu } from "@/components/ui/RowMenu";
import { When } from "@/components/When";
import { words as pageWords } from "@/components/words";
import { grantWords, placesOf, type Places } from "@/rights/grantWords";
import { words as rightsWords } from "@/rights/words";
import { SetPasswordDialog } from "./SetPasswordDialog";
import { UserDialog } from "./UserDialog";
import { words } from "./words";

/** Above this many, one looks for a name rather than at a list. */
const searchFrom = 8;

/** The accounts. `?edit=ID|new`, `?password=ID`, `?factor=ID`, `?delete=ID` and `?q=` are links too. */
export function UsersPage() {
  const [search, setSearch] = useSearchParams();
  const may = useMay();
  const users = useUsers();
  const roles = useRoles();
  const tree = useTree(may("cameras.read"));
  const mayWrite = may("users.write");
  const all = users.data ?? [];
  const wanted = search.get("q") ?? "";
  const found = all.filter((u) => `${u.username} ${u.displayName}`.toLowerCase().includes(wanted.toLowerCase()));
  const places = placesOf(tree.data);
  const one = (key: string) => (mayWrite ? all.find((u) => u.id === search.get(key)) : undefined);
  const open = (key: string, id: string) => setSearch({ [key]: id });
  const close = () => setSearch({}, { replace: true });

  return (
    <section aria-label={words.users}>
      <SectionHeader title={words.users} lead={words.usersLead}>
        {mayWrite && (
          <Button variant="primary" className="max-md:h-11" onClick={() => open("edit", "new")}>
            <Plus /> {words.addUser}
          </Button>
        )}
      </SectionHeader>
      {(all.length > searchFrom || wanted !== "") && (
        <input
          type="search"
          aria-label={words.findUser}
          placeholder={words.findUser}
          value={wanted}
          onChange={(e) => setSearch(e.target.value ? { q: e.target.value } : {}, { replace: true })}
          className="bg-ground placeholder:text-faint mb-3 h-10 w-full rounded-md border px-3 max-md:h-11"
        />
      )}
      {users.isPending ? (
        <ListSkeleton />
      ) : users.isError && all.length === 0 ? (
        <QueryError what={words.theUsers} error={users.error} onRetry={() => void users.refetch()} />
      ) : found.length === 0 ? (
        <EmptyState icon={<UserRound />} title={words.noneFound} detail={words.noneFoundDetail} />
      ) : (
        <ul className="bg-panel divide-y rounded-lg border">
          {found.map((user) => (
            <UserLine
              key={user.id}
              user={user}
              roles={roles.data}
              places={places}
              mayWrite={mayWrite}
              onOpen={(key) => open(key, user.id)}
            />
          ))}
        </ul>
      )}
      {mayWrite && search.get("edit") === "new" && <UserDialog user={null} onClose={close} />}
      {one("edit") && <UserDialog key={one("edit")!.id} user={one("edit")!} onClose={close} />}
      {one("password") && <SetPasswordDialog user={one("password")!} onClose={close} />}
      {one("factor") && <ResetTotp user={one("factor")!} onClose={close} />}
      {one("delete") && <DeleteUser user={one("delete")!} onClose={close} />}
    </section>
  );
}

function UserLine({
  user,
  roles,
  places,
  mayWrite,
  onOpen,
}: {
  user: UserView;
  roles: RoleView[] | undefined;
  places: Places;
  mayWrite: boolean;
  onOpen: (key: "edit" | "password" | "factor" | "delete") => void;
}) {
  const me = useMe().data;
  const patch = usePatchUser();
  const rights = user.grants.map((g) => grantWords(g, roles, places));
  const isMe = me?.id === user.id;
  const enable = (enabled: boolean, back: boolean) =>
    patch.mutate(
      { id: user.id, enabled },
      {
        onSuccess: () => {
          const said = enabled ? words.switchedOn(user.username) : words.switchedOff(user.username);
          toast(said, back ? { action: { label: pageWords.undo, onClick: () => enable(!enabled, false) } } : {});
        },
        onError: (e) => toast.error(e.message),
      },
    );
  const actions = [
    { label: words.edit, icon: Pencil, onSelect: () => onOpen("edit") },
    { label: words.setPassword, icon: KeyRound, onSelect: () => onOpen("password") },
    ...(user.twoFactor ? [{ label: words.resetTotp, icon: ShieldOff, onSelect: () => onOpen("factor") }] : []),
    ...(isMe
      ? []
      : [
          {
            label: user.enabled ? words.switchOff : words.switchOn,
            icon: Power,
            onSelect: () => enable(!user.enabled, true),
          },
          { label: words.delete, icon: Trash2, danger: true, onSelect: () => onOpen("delete") },
        ]),
  ];
  return (
    <li className="flex items-center gap-3 px-4 py-3">
      <span
        aria-hidden
        className={cn(
          "bg-raised text-soft grid size-9 shrink-0 place-items-center rounded-full text-[13px] font-medium uppercase",
          !user.enabled && "text-faint",
        )}
      >
        {(user.displayName || user.username).slice(0, 2)}
      </span>
      <div className="grid min-w-0 flex-1 gap-x-6 gap-y-0.5 md:grid-cols-[minmax(0,1fr)_minmax(0,1.4fr)_10rem]">
        <div className={cn("min-w-0", !user.enabled && "text-soft")}>
          <p className="flex items-center gap-2 font-medium">
            <span className="truncate">{user.displayName || user.username}</span>
            {isMe && <span className="bg-raised text-soft rounded px-1.5 text-[12px] font-normal">{words.you}</span>}
            {user.twoFactor && (
              <ShieldCheck className="text-good size-4 shrink-0" role="img" aria-label={words.secondFactor} />
            )}
          </p>
          <p className="text-soft truncate text-[13px]">
            {user.displayName && user.username}
            {!user.enabled && (
              <span className="text-warn">
                {user.displayName && " · "}
                {words.off}
              </span>
            )}
          </p>
        </div>
        <div className="min-w-0 text-[13px]">
          <p className={cn("text-pretty", rights.length === 0 && "text-faint")}>
            {rights.length ? rights.join(", ") : rightsWords.noRights}
          </p>
          {user.groups.length > 0 && (
            <p className="text-soft truncate">{words.by(user.groups.map((g) => g.name).join(", "))}</p>
          )}
        </div>
        <div className="text-soft text-[13px]">
          {user.lastLoginAt ? (
            <>
              <span className="text-faint block max-md:sr-only">{words.lastSeen}</span>
              <When at={user.lastLoginAt} />
            </>
          ) : (
            words.never
          )}
        </div>
      </div>
      {mayWrite && <RowMenu label={pageWords.actionsFor(user.username)} actions={actions} />}
    </li>
  );
}

function DeleteUser({ user, onClose }: { user: UserView; onClose: () => void }) {
  const remove = useDeleteUser();
  return (
    <ConfirmDialog
      title={words.deleteUser(user.username)}
      description={words.deleteUserDetail}
      action={words.deleteUserAct}
      error={remove.error}
      busy={remove.isPending}
      onConfirm={() => remove.mutate(user, { onSuccess: onClose })}
      onClose={onClose}
    />
  );
}

function ResetTotp({ user, onClose }: { user: UserView; onClose: () => void }) {
  const reset = useResetTotp();
  return (
    <ConfirmDialog
      title={words.resetTotpWhat(user.username)}
      description={words.resetTotpDetail}
      action={words.resetTotp}
      error={reset.error}
      busy={reset.isPending}
      onConfirm={() => reset.mutate(user.id, { onSuccess: onClose })}
      onClose={onClose}
    />
  );
}
