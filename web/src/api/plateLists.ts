import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "./client";
import type { Schemas } from "./types";
import { ifMatch } from "./version";

export type PlateListView = Schemas["PlateListView"];
export type PlateListSummary = Schemas["ListPlateListsSummary"];
export type PlateEntry = Schemas["PlateEntry"];

const key = ["plate-lists"];

/** Its `ETag`: microseconds of the last change. The answer has it in a header, which lists lack. */
export function versionOf({ updatedAt }: Pick<PlateListView, "updatedAt">): string {
  const fraction = /\.(\d+)/.exec(updatedAt)?.[1] ?? "";
  const seconds = Math.floor(Date.parse(updatedAt) / 1000);
  return `${seconds}${fraction.padEnd(6, "0").slice(0, 6)}`;
}

export function usePlateLists() {
  return useQuery({
    queryKey: [...key, "all"],
    queryFn: async ({ signal }) => (await api.get("/api/plate-lists", { signal })).items,
  });
}

const oneList = (id: string) =>
  queryOptions({
    queryKey: [...key, "one", id],
    queryFn: ({ signal }) => api.get("/api/plate-lists/{id}", { path: { id }, signal }),
  });

/** With its plates. Nothing is kept: a form begins with what the server has. */
export const usePlateList = (id: string | null) =>
  useQuery({ ...oneList(id ?? ""), enabled: id !== null, gcTime: 0, refetchOnWindowFocus: false });

/** As it is now. */
export function useReadPlateList() {
  const queries = useQueryClient();
  return useMutation({ mutationFn: (id: string) => queries.fetchQuery({ ...oneList(id), staleTime: 0 }) });
}

/** @param list What the form began with; null: a new one. */
export function useSavePlateList(list: PlateListView | null) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (request: Schemas["PlateListRequest"]) =>
      list === null
        ? api.post("/api/plate-lists", { body: request })
        : api.patch("/api/plate-lists/{id}", { path: { id: list.id }, body: request, ...ifMatch(versionOf(list)) }),
    onSuccess: (saved) => {
      queries.setQueryData([...key, "one", saved.id], saved);
      return queries.invalidateQueries({ queryKey: [...key, "all"] });
    },
  });
}

export function useDeletePlateList() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (list: PlateListSummary) =>
      api.delete("/api/plate-lists/{id}", { path: { id: list.id }, ...ifMatch(versionOf(list)) }),
    onSettled: () => queries.invalidateQueries({ queryKey: key }),
  });
}

/** The rules that ask for plates of a list, by the list's name in lower case. */
export function useRulesOfPlateLists(enabled: boolean) {
  return useQuery({
    queryKey: ["rules", "of-plate-lists"],
    enabled,
    queryFn: async ({ signal }) => {
      const named = new Map<string, Schemas["RuleView"][]>();
      for (const rule of (await api.get("/api/rules", { signal })).items) {
        const list = /^!?list:(.*)$/i
          .exec(rule.when.plates ?? "")?.[1]
          ?.trim()
          .toLowerCase();
        if (list !== undefined) named.set(list, [...(named.get(list) ?? []), rule]);
      }
      return named;
    },
  });
}
