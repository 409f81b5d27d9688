import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { allPages } from "./allPages";
import { api } from "./client";
import type { Schemas } from "./types";

/** How a recorder can be talked to. */
export const nvrMakers = ["onvif", "hikvision", "dahua"] as const;

export type NvrView = Schemas["NvrView"];
export type NvrChannelView = Schemas["ListNvrChannelsChannelView"];
export type ConnectNvrRequest = Schemas["ConnectNvrRequest"];

const nvrsKey = ["nvrs"];

export function useNvrs() {
  return useQuery({
    queryKey: nvrsKey,
    refetchInterval: 15_000,
    queryFn: ({ signal }) => allPages(api.each("/api/nvrs", { query: { limit: 200 }, signal })),
  });
}

export function useNvr(id: string) {
  return useQuery({
    queryKey: [...nvrsKey, id],
    refetchInterval: 15_000,
    queryFn: ({ signal }) => api.get("/api/nvrs/{id}", { path: { id }, signal }),
  });
}

export function useNvrChannels(id: string) {
  return useQuery({
    queryKey: [...nvrsKey, id, "channels"],
    refetchInterval: 15_000,
    queryFn: async ({ signal }) => (await api.get("/api/nvrs/{id}/channels", { path: { id }, signal })).items,
  });
}

/** Again it adds what is missing; nothing is doubled. A password is tried once. */
export function useConnectNvr() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (request: ConnectNvrRequest) => api.post("/api/nvr/connect", { body: request }),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: nvrsKey });
      void queries.invalidateQueries({ queryKey: ["cameras"] });
    },
  });
}

export function useChangeNvr(id: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (change: Schemas["PatchNvrRequest"]) => api.patch("/api/nvrs/{id}", { path: { id }, body: change }),
    onSuccess: () => queries.invalidateQueries({ queryKey: nvrsKey }),
  });
}

/** Its cameras stay as cameras of their own, or go with it. */
export function useDeleteNvr(id: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (cameras: "keep" | "delete") =>
      api.delete("/api/nvrs/{id}", { path: { id }, query: cameras === "delete" ? { cameras } : {} }),
    onSuccess: () => {
      queries.removeQueries({ queryKey: [...nvrsKey, id] });
      void queries.invalidateQueries({ queryKey: nvrsKey });
      void queries.invalidateQueries({ queryKey: ["cameras"] });
    },
  });
}
