import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { allPages } from "./allPages";
import { api } from "./client";
import type { Schemas } from "./types";
import { ifMatch } from "./version";

/** An account; never its password. Its grants are its own: those of its groups stand with the groups. */
export type UserView = Schemas["UserView"];

const key = ["users"];

/** All accounts by name. */
export function useUsers(enabled = true) {
  return useQuery({
    queryKey: key,
    queryFn: ({ signal }) => allPages(api.each("/api/users", { query: { limit: 500 }, signal })),
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
    mutationFn: (request: Schemas["AddUserRequest"]) => api.post("/api/users", { body: request }),
    onSuccess: changed,
  });
}

export function usePatchUser() {
  const changed = useChanged();
  return useMutation({
    mutationFn: ({
      id,
      version,
      ...request
    }: Schemas["PatchUserRequest"] & { id: string; version?: string | undefined }) =>
      api.patch("/api/users/{userId}", { path: { userId: id }, body: request, ...ifMatch(version) }),
    onSettled: changed,
  });
}

export function useDeleteUser() {
  const changed = useChanged();
  return useMutation({
    mutationFn: ({ id, version }: UserView) =>
      api.delete("/api/users/{userId}", { path: { userId: id }, ...ifMatch(version) }),
    onSettled: changed,
  });
}

/** Ends the account's sign-ins. */
export function useSetUserPassword() {
  const changed = useChanged();
  return useMutation({
    mutationFn: ({ id, password }: { id: string; password: string }) =>
      api.post("/api/users/{userId}/password", { path: { userId: id }, body: { password } }),
    onSuccess: changed,
  });
}

/** Takes the second factor away from somebody who has lost it. Ends their sign-ins. */
export function useResetTotp() {
  const changed = useChanged();
  return useMutation({
    mutationFn: (userId: string) => api.delete("/api/users/{userId}/totp", { path: { userId } }),
    onSuccess: changed,
  });
}
