import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "./client";
import type { Schemas } from "./types";
import { ifMatch, useFirst } from "./version";

/** Another installation whose cameras are seen from here, or this one (`here`). */
export type ServerView = Schemas["ServerView"];

const key = ["servers"];

export function useServers() {
  return useQuery({
    queryKey: key,
    queryFn: async ({ signal }) => (await api.get("/api/servers", { signal })).items,
    refetchInterval: 15_000,
  });
}

function useChanged() {
  const queries = useQueryClient();
  return () => Promise.all([key, ["federated"]].map((queryKey) => queries.invalidateQueries({ queryKey })));
}

export function useAddServer() {
  const changed = useChanged();
  return useMutation({
    mutationFn: (request: Schemas["AddServerRequest"]) => api.post("/api/servers", { body: request }),
    onSuccess: changed,
  });
}

export function usePatchServer(server: ServerView | null) {
  const version = useFirst(server?.generation);
  const changed = useChanged();
  return useMutation({
    mutationFn: (request: Schemas["PatchServerRequest"]) =>
      api.patch("/api/servers/{id}", { path: { id: server?.id ?? "" }, body: request, ...ifMatch(version) }),
    onSettled: changed,
  });
}

export function useDeleteServer() {
  const changed = useChanged();
  return useMutation({
    mutationFn: ({ id, generation }: ServerView) =>
      api.delete("/api/servers/{id}", { path: { id }, ...ifMatch(generation) }),
    onSettled: changed,
  });
}

export function useCheckServer() {
  const changed = useChanged();
  return useMutation({
    mutationFn: (id: string) => api.post("/api/servers/{id}/check", { path: { id } }),
    onSettled: changed,
  });
}

/** Of this and all other servers, by name; a server that does not answer in time is named, and the others are shown. */
export function useFederatedCameras(wanted: string, enabled: boolean) {
  return useQuery({
    queryKey: ["federated", "cameras", wanted],
    queryFn: ({ signal }) =>
      api.get("/api/federated/cameras", { query: { limit: 500, ...(wanted && { q: wanted }) }, signal }),
    enabled,
    placeholderData: (before) => before,
    refetchInterval: 30_000,
  });
}
