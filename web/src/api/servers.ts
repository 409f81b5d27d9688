import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { call } from "./client";
import type { CameraStateName, Page } from "./types";

/** Another installation whose cameras are seen from here, or this one (`here`). */
export interface ServerView {
  id: string;
  name: string;
  /** Null of this one: whoever asks is there. */
  address?: string | null;
  /** SHA-256 of the certificate that counts for it, in hexadecimal. */
  pinnedCertificateSha256?: string | null;
  state: "here" | "online" | "unreachable" | "refused";
  /** Why it is not online. */
  stateCode?: string | null;
  stateDetail?: string | null;
  checkedAt?: string | null;
  version?: string | null;
  cameras?: number | null;
}

export interface AddServerRequest {
  name: string;
  address: string;
  /** A key that the other server made for this one. */
  apiKey: string;
  certificateSha256?: string;
}

export interface PatchServerRequest {
  name?: string;
  address?: string;
  apiKey?: string;
  certificateSha256?: string;
}

const key = ["servers"];

export function useServers() {
  return useQuery({
    queryKey: key,
    queryFn: async ({ signal }) => (await call<Page<ServerView>>("GET", "/api/servers", undefined, signal)).items,
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
    mutationFn: (request: AddServerRequest) => call<ServerView>("POST", "/api/servers", request),
    onSuccess: changed,
  });
}

export function usePatchServer(id: string) {
  const changed = useChanged();
  return useMutation({
    mutationFn: (request: PatchServerRequest) => call<ServerView>("PATCH", `/api/servers/${id}`, request),
    onSuccess: changed,
  });
}

export function useDeleteServer() {
  const changed = useChanged();
  return useMutation({ mutationFn: (id: string) => call<void>("DELETE", `/api/servers/${id}`), onSuccess: changed });
}

export function useCheckServer() {
  const changed = useChanged();
  return useMutation({
    mutationFn: (id: string) => call<ServerView>("POST", `/api/servers/${id}/check`),
    onSettled: changed,
  });
}

export interface FederatedCamera {
  server: { id: string; name: string };
  /** Unique on its server. */
  id: string;
  name: string;
  state: CameraStateName;
  recordingState: string;
}

/** What became of one server's part of an answer. */
export interface ServerPart {
  id: string;
  name: string;
  state: "answered" | "timedOut" | "refused" | "unreachable";
  tookMs: number;
  detail?: string | null;
}

export interface FederatedCameras {
  items: FederatedCamera[];
  servers: ServerPart[];
}

/** Of this and all other servers, by name; a server that does not answer in time is named, and the others are shown. */
export function useFederatedCameras(wanted: string, enabled: boolean) {
  return useQuery({
    queryKey: ["federated", "cameras", wanted],
    queryFn: ({ signal }) =>
      call<FederatedCameras>(
        "GET",
        `/api/federated/cameras?limit=500${wanted ? `&q=${encodeURIComponent(wanted)}` : ""}`,
        undefined,
        signal,
      ),
    enabled,
    placeholderData: (before) => before,
    refetchInterval: 30_000,
  });
}
