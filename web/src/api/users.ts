import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { allPages } from "./allPages";
import { call } from "./client";
import type { GrantView } from "./roles";

export interface UserGroupName {
  id: string;
  name: string;
}

/** An account; never its password. Its grants are its own: those of its groups stand with the groups. */
export interface UserView {
  id: string;
  username: string;
  displayName: string;
  enabled: boolean;
  createdAt: string;
  lastLoginAt?: string | null;
  twoFactor: boolean;
  grants: GrantView[];
  groups: UserGroupName[];
}

export interface AddUserRequest {
  username: string;
  password: string;
  displayName: string;
  grants: GrantView[];
  groupIds: string[];
}

/** Absent keeps. */
export interface PatchUserRequest {
  displayName?: string;
  enabled?: boolean;
  grants?: GrantView[];
  groupIds?: string[];
}

const key = ["users"];

/** All accounts by name. */
export function useUsers(enabled = true) {
  return useQuery({
    queryKey: key,
    queryFn: ({ signal }) => allPages<UserView>("/api/users", 500, signal),
    enabled,
  });
}

/** What one person's change changes besides: roles count who has them, groups name their members, and it may be one's own account. */
function useChanged() {
  const queries = useQueryClient();
  return () =>
    Promise.all(
      [key, ["user-groups"], ["roles"], ["sessions"], ["me"]].map((queryKey) =>
        queries.invalidateQueries({ queryKey }),
      ),
    );
}

export function useAddUser() {
  const changed = useChanged();
  return useMutation({
    mutationFn: (request: AddUserRequest) => call<UserView>("POST", "/api/users", request),
    onSuccess: changed,
  });
}

export function usePatchUser() {
  const changed = useChanged();
  return useMutation({
    mutationFn: ({ id, ...request }: PatchUserRequest & { id: string }) =>
      call<UserView>("PATCH", `/api/users/${id}`, request),
    onSuccess: changed,
  });
}

export function useDeleteUser() {
  const changed = useChanged();
  return useMutation({ mutationFn: (id: string) => call<void>("DELETE", `/api/users/${id}`), onSuccess: changed });
}

/** Ends the account's sign-ins. */
export function useSetUserPassword() {
  const changed = useChanged();
  return useMutation({
    mutationFn: ({ id, password }: { id: string; password: string }) =>
      call<void>("POST", `/api/users/${id}/password`, { password }),
    onSuccess: changed,
  });
}

/** Takes the second factor away from somebody who has lost it. Ends their sign-ins. */
export function useResetTotp() {
  const changed = useChanged();
  return useMutation({ mutationFn: (id: string) => call<void>("DELETE", `/api/users/${id}/totp`), onSuccess: changed });
}
