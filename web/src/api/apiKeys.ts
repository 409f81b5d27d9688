import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "./client";
import type { Schemas } from "./types";

/** A credential of a program; of the key itself only the first characters are known. */
export type ApiKeyView = Schemas["ApiKeyView"];
/** The key is shown this once. */
export type AddApiKeyResponse = Schemas["AddApiKeyResponse"];

const key = ["api-keys"];

export function useApiKeys() {
  return useQuery({
    queryKey: key,
    queryFn: async ({ signal }) => (await api.get("/api/api-keys", { signal })).items,
    refetchInterval: 30_000,
  });
}

export function useAddApiKey() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (request: Schemas["AddApiKeyRequest"]) => api.post("/api/api-keys", { body: request }),
    onSuccess: () => queries.invalidateQueries({ queryKey: key }),
  });
}

/** It counts no longer, at once. */
export function useDeleteApiKey() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (keyId: string) => api.delete("/api/api-keys/{keyId}", { path: { keyId } }),
    onSuccess: () => queries.invalidateQueries({ queryKey: key }),
  });
}
