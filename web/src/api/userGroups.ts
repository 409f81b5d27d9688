import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { call } from "./client";
import type { GrantView } from "./roles";
import type { Page } from "./types";

/** People who have roles together. */
export interface UserGroupView {
  id: string;
  name: string;
  grants: GrantView[];
  memberIds: string[];
}

export type UserGroupRequest = Omit<UserGroupView, "id">;

const key = ["user-groups"];

export function useUserGroups(enabled = true) {
  return useQuery({
    queryKey: key,
    queryFn: async ({ signal }) =>
      (await call<Page<UserGroupView>>("GET", "/api/user-groups", undefined, signal)).items,
    enabled,
  });
}

function useChanged() {
  const queries = useQueryClient();
  return () =>
    Promise.all([key, ["users"], ["roles"], ["me"]].map((queryKey) => queries.invalidateQueries({ queryKey })));
}

export function useSaveUserGroup(id: string | null) {
  const changed = useChanged();
  return useMutation({
    mutationFn: (request: UserGroupRequest) =>
      id === null
        ? call<UserGroupView>("POST", "/api/user-groups", request)
        : call<UserGroupView>("PATCH", `/api/user-groups/${id}`, request),
    onSuccess: changed,
  });
}

/** Its members lose what it had. */
export function useDeleteUserGroup() {
  const changed = useChanged();
  return useMutation({
    mutationFn: (id: string) => call<void>("DELETE", `/api/user-groups/${id}`),
    onSuccess: changed,
  });
}
