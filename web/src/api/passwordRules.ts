import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "./client";
import type { Schemas } from "./types";

/** What a new password must be like. */
export type PasswordRules = Schemas["PasswordRulesRoutesView"];

/** Until it is known: what a new installation asks for. */
export const usualMinLength = 10;

const key = ["password-rules"];

export function usePasswordRules() {
  return useQuery({
    queryKey: key,
    queryFn: ({ signal }) => api.get("/api/password-rules", { signal }),
    staleTime: 60_000,
  });
}

/** Passwords that are there stay good. */
export function usePatchPasswordRules() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (change: Partial<PasswordRules>) => api.patch("/api/password-rules", { body: change }),
    onSuccess: (rules) => queries.setQueryData(key, rules),
  });
}
