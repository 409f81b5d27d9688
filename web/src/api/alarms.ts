import { useInfiniteQuery, useMutation, useQuery, useQueryClient, type InfiniteData } from "@tanstack/react-query";
import { useEffect } from "react";
import { api } from "./client";
import { onFeed } from "./feed";
import type { Schemas } from "./types";
import { useMay } from "./useMe";
import { ifMatch } from "./version";

/** An event that somebody has to acknowledge. */
export type AlarmView = Schemas["AlarmView"];
type Page = Schemas["PageOfAlarmView"];

export const alarmStates = ["open", "acknowledged", "closed"] as const;
export type AlarmState = (typeof alarmStates)[number];
export const severities = ["critical", "warning", "info"] as const;
export type Severity = (typeof severities)[number];

/** What is looked for; absent means all. */
export interface AlarmQuery {
  state?: AlarmState[];
  severity?: Severity;
  /** Name of a user. */
  assignedTo?: string;
}

const key = ["alarms"];
/** Who did what about them stands there, too. */
const auditKey = ["audit"];
const pagesKey = [...key, "pages"];
const oneKey = (id: string) => [...key, "one", id];

/** The newest first, page by page. */
export function useAlarmPages(query: AlarmQuery) {
  return useInfiniteQuery({
    queryKey: [...pagesKey, query],
    initialPageParam: "",
    queryFn: ({ pageParam, signal }): Promise<Page> =>
      api.get("/api/alarms", { query: { ...query, limit: 60, ...(pageParam && { cursor: pageParam }) }, signal }),
    getNextPageParam: (page) => page.nextCursor ?? undefined,
  });
}

export function useAlarm(id: string | null) {
  return useQuery({
    queryKey: oneKey(id ?? ""),
    queryFn: ({ signal }) => api.get("/api/alarms/{id}", { path: { id: id! }, signal }),
    enabled: id !== null,
  });
}

/** What rules made of one event. */
export function useAlarmsOf(eventId: string) {
  return useQuery({
    queryKey: [...key, "of", eventId],
    queryFn: async ({ signal }) => (await api.get("/api/alarms", { query: { eventId, limit: 20 }, signal })).items,
  });
}

/** More of them nobody counts. */
export const mostCounted = 99;

/** Those that nobody has acknowledged yet: how many, up to one more than `mostCounted`, and the newest. */
export function useOpenAlarms() {
  const enabled = useMay()("events.read");
  const open = useQuery({
    queryKey: [...key, "open"],
    queryFn: async ({ signal }) =>
      (await api.get("/api/alarms", { query: { state: ["open"], limit: mostCounted + 1 }, signal })).items,
    enabled,
    refetchInterval: 60_000,
  });
  return { count: open.data?.length ?? 0, newest: open.data ?? [] };
}

/** Several that change at once are read once. */
const gatherMs = 300;

/** Keeps what is shown of alarms as it is elsewhere. */
export function useAlarmUpdates(enabled: boolean): void {
  const queries = useQueryClient();
  useEffect(() => {
    if (!enabled) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const read = () => {
      timer ??= setTimeout(() => {
        timer = undefined;
        void queries.invalidateQueries({ queryKey: key });
        void queries.invalidateQueries({ queryKey: auditKey });
      }, gatherMs);
    };
    const stops = [onFeed("alarm", read), onFeed("open", read)];
    return () => {
      clearTimeout(timer);
      stops.forEach((stop) => stop());
    };
  }, [enabled, queries]);
}

/** What can be done with an alarm. */
export type AlarmAct =
  { kind: "acknowledge" | "close" } | { kind: "assign"; to: string | null } | { kind: "comment"; text: string };

/**
 * Shown at once as it will be, and as the server says it afterwards. What two people do at the same time is told to the second one; comments
 * stand side by side.
 */
export function useAlarmAct(me: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ alarm, act }: { alarm: AlarmView; act: AlarmAct }): Promise<AlarmView> => {
      const path = { id: alarm.id };
      const seen = ifMatch(alarm.version);
      switch (act.kind) {
        case "acknowledge":
          return api.post("/api/alarms/{id}/acknowledge", { path, ...seen });
        case "close":
          return api.post("/api/alarms/{id}/close", { path, ...seen });
        case "assign":
          return api.post("/api/alarms/{id}/assign", { path, body: { assignedTo: act.to }, ...seen });
        case "comment":
          return api.post("/api/alarms/{id}/comments", { path, body: { text: act.text } });
      }
    },
    onMutate: async ({ alarm, act }) => {
      await queries.cancelQueries({ queryKey: key });
      replace(queries, changed(alarm, act, me, new Date().toISOString()));
    },
    onSuccess: (alarm) => replace(queries, alarm),
    onError: (_, { alarm }) => replace(queries, alarm),
    onSettled: () => Promise.all([key, auditKey].map((queryKey) => queries.invalidateQueries({ queryKey }))),
  });
}

/** What the server will make of it. */
export function changed(alarm: AlarmView, act: AlarmAct, me: string, at: string): AlarmView {
  switch (act.kind) {
    case "acknowledge":
      return {
        ...alarm,
        state: "acknowledged",
        acknowledgedBy: me,
        acknowledgedAt: at,
        assignedTo: alarm.assignedTo ?? me,
        escalateAt: null,
      };
    case "close":
      return {
        ...alarm,
        state: "closed",
        closedBy: me,
        closedAt: at,
        acknowledgedBy: alarm.acknowledgedBy ?? me,
        acknowledgedAt: alarm.acknowledgedAt ?? at,
        escalateAt: null,
      };
    case "assign":
      return { ...alarm, assignedTo: act.to };
    case "comment":
      return { ...alarm, comments: [...alarm.comments, { by: me, at, text: act.text }] };
  }
}

function replace(queries: ReturnType<typeof useQueryClient>, alarm: AlarmView): void {
  queries.setQueryData(oneKey(alarm.id), alarm);
  queries.setQueriesData<InfiniteData<Page>>(
    { queryKey: pagesKey },
    (data) =>
      data && {
        ...data,
        pages: data.pages.map((page) => ({
          ...page,
          items: page.items.map((other) => (other.id === alarm.id ? alarm : other)),
        })),
      },
  );
}
