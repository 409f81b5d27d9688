import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { call } from "./client";
import type { GrantView } from "./roles";
import type { Page } from "./types";

/** A credential of a program; of the key itself only the first characters are known. */
export interface ApiKeyView {
  id: string;
  name: string;
  prefix: string;
  grants: GrantView[];
  createdBy: string;
  createdAt: string;
  expiresAt?: string | null;
  lastUsedAt?: string | null;
}

export interface AddApiKeyRequest {
  name: string;
  grants: GrantView[];
  /** Null: until it is revoked. */
  expiresAt: string | null;
}

/** The key is shown this once. */
export interface AddApiKeyResponse {
  apiKey: ApiKeyView;
  key: string;
}

const key = ["api-keys"];

export function useApiKeys() {
  return useQuery({
    queryKey: key,
    queryFn: async ({ signal }) => (await call<Page<ApiKeyView>>("GET", "/api/api-keys", undefined, signal)).items,
    refetchInterval: 30_000,
  });
}

export function useAddApiKey() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (request: AddApiKeyRequest) => call<AddApiKeyResponse>("POST", "/api/api-keys", request),
    onSuccess: () => queries.invalidateQueries({ queryKey: key }),
  });
}

/** It counts no longer, at once. */
export function useDeleteApiKey() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => call<void>("DELETE", `/api/api-keys/${id}`),
    onSuccess: () => queries.invalidateQueries({ queryKey: key }),
  });
}
