import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "./client";
import type { Schemas } from "./types";
import { ifMatch, useFirst } from "./version";

/** When something like this happens, do that. */
export type RuleView = Schemas["RuleView"];
export type RuleRequest = Schemas["RuleRequest"];
export type RuleCondition = Schemas["RuleCondition"];
export type RuleSchedule = Schemas["RuleSchedule"];
export type RuleSpan = Schemas["RuleSpan"];
export type RuleAction = Schemas["RuleAction"];
export type EscalationStep = Schemas["EscalationStep"];
export type DryRunOutcome = Schemas["DryRunRuleOutcome"];

const key = ["rules"];

/** By name, with when each fired last. */
export function useRules(enabled = true) {
  return useQuery({
    queryKey: key,
    queryFn: async ({ signal }) => (await api.get("/api/rules", { signal })).items,
    enabled,
    refetchInterval: 30_000,
  });
}

/** As it is now: whoever changes it begins with that. */
export function useRule(id: string) {
  return useQuery({
    queryKey: [...key, id],
    queryFn: ({ signal }) => api.get("/api/rules/{id}", { path: { id }, signal }),
    gcTime: 0,
    refetchOnWindowFocus: false,
  });
}

export function useSaveRule(rule: RuleView | null) {
  const version = useFirst(rule?.version);
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (request: RuleRequest) =>
      rule === null
        ? api.post("/api/rules", { body: request })
        : api.patch("/api/rules/{id}", { path: { id: rule.id }, body: request, ...ifMatch(version) }),
    onSuccess: () => queries.invalidateQueries({ queryKey: key, exact: true }),
  });
}

export function useSwitchRule() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ rule, enabled }: { rule: RuleView; enabled: boolean }) =>
      api.patch("/api/rules/{id}", { path: { id: rule.id }, body: { enabled }, ...ifMatch(rule.version) }),
    // It moves at once.
    onMutate: ({ rule, enabled }) =>
      queries.setQueryData<RuleView[]>(key, (rules) => rules?.map((r) => (r.id === rule.id ? { ...r, enabled } : r))),
    onSettled: () => queries.invalidateQueries({ queryKey: key, exact: true }),
  });
}

/** The alarms that it raised stay. */
export function useDeleteRule() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ id, version }: RuleView) => api.delete("/api/rules/{id}", { path: { id }, ...ifMatch(version) }),
    onSettled: () => queries.invalidateQueries({ queryKey: key, exact: true }),
  });
}

/** What it would have done in the last so many days; nothing is done. */
export function useDryRun() {
  return useMutation({
    mutationFn: ({ rule, days }: { rule: RuleRequest; days: number }) => {
      const to = Date.now();
      const from = to - days * 24 * 60 * 60 * 1000;
      return api.post("/api/rules/dry-run", {
        body: { ...rule, from: new Date(from).toISOString(), to: new Date(to).toISOString() },
      });
    },
  });
}
