import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { call } from "./call";
import type { Page } from "./types";

export const nvrMakers = ["onvif", "hikvision", "dahua"] as const;
/** How a recorder is talked to. */
export type NvrMaker = (typeof nvrMakers)[number];

export interface NvrView {
  id: string;
  name: string;
  vendor: NvrMaker;
  /** Host, and port where it is not 80. */
  address: string;
  username?: string | null;
  model?: string | null;
  firmware?: string | null;
  state: "online" | "offline" | "unauthorized";
  stateDetail?: string | null;
  checkedAt: string;
  /** `added` are cameras here. */
  channels: { total: number; added: number };
}

export interface NvrChannelView {
  /** What it is known by at the recorder. */
  channel: string;
  number?: number;
  name: string;
  /** Null: the recorder does not say. */
  online?: boolean | null;
  /** Null: it is no camera here. */
  cameraId?: string | null;
  width?: number | null;
  height?: number | null;
  codec?: string | null;
}

export interface ConnectNvrRequest {
  ip: string;
  port?: number;
  username?: string;
  password?: string;
  vendor?: NvrMaker;
  /** Those that become cameras; empty: none yet. */
  channels: string[];
}

export interface ConnectNvrResponse {
  nvrId: string;
  cameras: { id: string; channel: string; name: string }[];
}

const nvrsKey = ["nvrs"];

export function useNvrs() {
  return useQuery({
    queryKey: nvrsKey,
    refetchInterval: 15_000,
    queryFn: async ({ signal }) => {
      const all: NvrView[] = [];
      let cursor: string | null | undefined;
      do {
        const after = cursor ? `&cursor=${encodeURIComponent(cursor)}` : "";
        const page = await call<Page<NvrView>>("GET", `/api/nvrs?limit=200${after}`, undefined, signal);
        all.push(...page.items);
        cursor = page.nextCursor;
      } while (cursor);
      return all;
    },
  });
}

export function useNvr(id: string) {
  return useQuery({
    queryKey: [...nvrsKey, id],
    refetchInterval: 15_000,
    queryFn: ({ signal }) => call<NvrView>("GET", `/api/nvrs/${id}`, undefined, signal),
  });
}

export function useNvrChannels(id: string) {
  return useQuery({
    queryKey: [...nvrsKey, id, "channels"],
    refetchInterval: 15_000,
    queryFn: async ({ signal }) =>
      (await call<{ items: NvrChannelView[] }>("GET", `/api/nvrs/${id}/channels`, undefined, signal)).items,
  });
}

/** Again it adds what is missing; nothing is doubled. A password is tried once. */
export function useConnectNvr() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (request: ConnectNvrRequest) => call<ConnectNvrResponse>("POST", "/api/nvr/connect", request),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: nvrsKey });
      void queries.invalidateQueries({ queryKey: ["cameras"] });
    },
  });
}

export function useChangeNvr(id: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (change: { name?: string; username?: string | null; password?: string }) =>
      call<NvrView>("PATCH", `/api/nvrs/${id}`, change),
    onSuccess: () => queries.invalidateQueries({ queryKey: nvrsKey }),
  });
}

/** Its cameras stay as cameras of their own, or go with it. */
export function useDeleteNvr(id: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (cameras: "keep" | "delete") =>
      call<void>("DELETE", `/api/nvrs/${id}${cameras === "delete" ? "?cameras=delete" : ""}`),
    onSuccess: () => {
      queries.removeQueries({ queryKey: [...nvrsKey, id] });
      void queries.invalidateQueries({ queryKey: nvrsKey });
      void queries.invalidateQueries({ queryKey: ["cameras"] });
    },
  });
}
