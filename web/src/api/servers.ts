import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
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

/** A camera of one of the servers; `here` is this one. */
export type FederatedCamera = Schemas["ListFederatedCamerasView"];
/** Something that happened at one of the servers. */
export type FederatedEvent = Schemas["ListFederatedEventsView"];
/** What became of one server's part of a search. */
export type ServerPart = Schemas["ServerPart"];

/** Of this and all other servers, by name, page by page; a server that does not answer in time is named, and the others are shown. */
export function useFederatedCameras(wanted: string, enabled: boolean) {
  return useInfiniteQuery({
    queryKey: ["federated", "cameras", wanted],
    initialPageParam: "",
    queryFn: ({ pageParam, signal }) =>
      api.get("/api/federated/cameras", {
        query: { limit: 200, ...(wanted && { q: wanted }), ...(pageParam && { cursor: pageParam }) },
        signal,
      }),
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    enabled,
    placeholderData: (before) => before,
    refetchInterval: 30_000,
  });
}

/** What is looked for; absent means everything. Times are ISO 8601. */
export interface FederatedEventFilter {
  type?: string;
  from?: string;
  to?: string;
}

/** Of this and all other servers, the newest first, page by page. */
export function useFederatedEvents(filter: FederatedEventFilter) {
  return useInfiniteQuery({
    queryKey: ["federated", "events", filter],
    initialPageParam: "",
    queryFn: ({ pageParam, signal }) =>
      api.get("/api/federated/events", {
        query: { ...filter, limit: 100, ...(pageParam && { cursor: pageParam }) },
        signal,
      }),
    getNextPageParam: (page) => page.nextCursor ?? undefined,
  });
}

/** The servers that an answer is without, or has a part of: as the pages said it, the last word of each. */
export function missingServers(pages: readonly { servers: readonly ServerPart[] }[] | undefined): ServerPart[] {
  const last = new Map<string, ServerPart>();
  for (const page of pages ?? []) for (const part of page.servers) last.set(part.id, part);
  return [...last.values()].filter((part) => part.state !== "answered");
}
