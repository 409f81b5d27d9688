import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "./client";
import type { Schemas } from "./types";

export type PushSubscriptionView = Schemas["PushSubscriptionsView"];

/** How a user wants to be told. The server fills in what is left out. */
export type NotificationPreferences = Required<Schemas["NotificationPreferences"]>;
export type QuietHours = Schemas["QuietHours"];

const preferencesKey = ["notifications", "preferences"];
const browsersKey = ["notifications", "browsers"];

export function useNotificationPreferences() {
  return useQuery({
    queryKey: preferencesKey,
    queryFn: async ({ signal }) =>
      (await api.get("/api/notifications/preferences", { signal })) as NotificationPreferences,
    refetchOnWindowFocus: false,
  });
}

export function useSaveNotificationPreferences() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: NotificationPreferences) => api.put("/api/notifications/preferences", { body }),
    onSuccess: (saved) => queries.setQueryData(preferencesKey, saved),
  });
}

/** One's own browsers that are told by web push, and the key to subscribe with. */
export function usePushBrowsers() {
  return useQuery({
    queryKey: browsersKey,
    queryFn: ({ signal }) => api.get("/api/notifications/subscriptions", { signal }),
  });
}

export function useAddPushBrowser() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: Schemas["PushSubscriptionsRequest"]) => api.post("/api/notifications/subscriptions", { body }),
    onSuccess: () => queries.invalidateQueries({ queryKey: browsersKey }),
  });
}

export function useDeletePushBrowser() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (subscriptionId: string) => {
      await api.delete("/api/notifications/subscriptions/{subscriptionId}", { path: { subscriptionId } });
    },
    onSettled: () => queries.invalidateQueries({ queryKey: browsersKey }),
  });
}

/** Tells oneself something, whatever the preferences say. */
export const useTestNotification = () => useMutation({ mutationFn: () => api.post("/api/notifications/test") });
