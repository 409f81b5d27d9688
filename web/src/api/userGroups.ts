import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "./client";
import type { Schemas } from "./types";
import { ifMatch, useFirst } from "./version";

/** People who have roles together. */
export type UserGroupView = Schemas["UserGroupView"];

const key = ["user-groups"];

export function useUserGroups(enabled = true) {
  return useQuery({
    queryKey: key,
    queryFn: async ({ signal }) => (await api.get("/api/user-groups", { signal })).items,
    enabled,
  });
}

function useChanged() {
  const queries = useQueryClient();
  return () =>
    Promise.all([key, ["users"], ["roles"], ["me"]].map((queryKey) => queries.invalidateQueries({ queryKey })));
}

export function useSaveUserGroup(group: UserGroupView | null) {
  const version = useFirst(group?.version);
  const changed = useChanged();
  return useMutation({
    mutationFn: (request: Schemas["AddUserGroupRequest"]) =>
      group === null
        ? api.post("/api/user-groups", { body: request })
        : api.patch("/api/user-groups/{groupId}", { path: { groupId: group.id }, body: request, ...ifMatch(version) }),
    onSettled: changed,
  });
}

/** Its members lose what it had. */
export function useDeleteUserGroup() {
  const changed = useChanged();
  return useMutation({
    mutationFn: ({ id, version }: UserGroupView) =>
      api.delete("/api/user-groups/{groupId}", { path: { groupId: id }, ...ifMatch(version) }),
    onSettled: changed,
  });
}
