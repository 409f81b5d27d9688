import { useQuery } from "@tanstack/react-query";
import { api } from "./client";
import type { Permission } from "./types";

export function useMe() {
  return useQuery({
    queryKey: ["me"],
    queryFn: ({ signal }) => api.get("/api/auth/me", { signal }),
    staleTime: 60_000,
  });
}

/** What the signed-in user may do; nothing while that is not known. The server decides: this only keeps from offering in vain. */
export function useMay(): (permission: Permission) => boolean {
  const permissions = useMe().data?.permissions;
  return (permission) => permissions?.includes(permission) ?? false;
}
