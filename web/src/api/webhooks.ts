import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "./client";
import type { Schemas } from "./types";
import { ifMatch, useFirst } from "./version";

/** An address that is told what rules want told; never its secret. */
export type WebhookView = Schemas["WebhookView"];
/** The secret is shown this once. */
export type WebhookWithSecret = Schemas["WebhookWithSecret"];
export type TestWebhookResult = Schemas["TestWebhookResult"];

const key = ["webhooks"];

export function useWebhooks(enabled = true) {
  return useQuery({
    queryKey: key,
    queryFn: async ({ signal }) => (await api.get("/api/webhooks", { signal })).items,
    enabled,
    refetchInterval: 30_000,
  });
}

function useChanged() {
  const queries = useQueryClient();
  return () => queries.invalidateQueries({ queryKey: key });
}

export function useAddWebhook() {
  const changed = useChanged();
  return useMutation({
    mutationFn: (request: Schemas["AddWebhookRequest"]) => api.post("/api/webhooks", { body: request }),
    onSuccess: changed,
  });
}

export function usePatchWebhook(webhook: WebhookView) {
  const version = useFirst(webhook.generation);
  const changed = useChanged();
  return useMutation({
    mutationFn: (request: Schemas["PatchWebhookRequest"]) =>
      api.patch("/api/webhooks/{webhookId}", { path: { webhookId: webhook.id }, body: request, ...ifMatch(version) }),
    onSettled: changed,
  });
}

export function useSwitchWebhook() {
  const queries = useQueryClient();
  const changed = useChanged();
  return useMutation({
    mutationFn: ({ webhook: { id, generation }, enabled }: { webhook: WebhookView; enabled: boolean }) =>
      api.patch("/api/webhooks/{webhookId}", {
        path: { webhookId: id },
        body: { enabled },
        ...ifMatch(generation),
      }),
    // It moves at once.
    onMutate: ({ webhook, enabled }) =>
      queries.setQueryData<WebhookView[]>(key, (all) => all?.map((w) => (w.id === webhook.id ? { ...w, enabled } : w))),
    onSettled: changed,
  });
}

export function useDeleteWebhook() {
  const changed = useChanged();
  return useMutation({
    mutationFn: ({ id, generation }: WebhookView) =>
      api.delete("/api/webhooks/{webhookId}", { path: { webhookId: id }, ...ifMatch(generation) }),
    onSettled: changed,
  });
}

/** The old secret counts no longer, at once. */
export function useRenewWebhookSecret() {
  const changed = useChanged();
  return useMutation({
    mutationFn: (webhookId: string) => api.post("/api/webhooks/{webhookId}/secret", { path: { webhookId } }),
    onSettled: changed,
  });
}

export function useTestWebhook() {
  const changed = useChanged();
  return useMutation({
    mutationFn: (webhookId: string) => api.post("/api/webhooks/{webhookId}/test", { path: { webhookId } }),
    onSettled: changed,
  });
}
