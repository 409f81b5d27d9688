import { useQuery } from "@tanstack/react-query";
import { api } from "./client";
import type { Schemas } from "./types";

export type Dashboard = Schemas["GetDashboardResponse"];
/** Something that needs a person now; gone when its cause is. */
export type Alert = Schemas["Alert"];

/** The installation at one glance, asked anew every quarter of a minute. */
export function useDashboard<T>(select: (dashboard: Dashboard) => T) {
  return useQuery({
    queryKey: ["dashboard"],
    queryFn: ({ signal }) => api.get("/api/dashboard", { signal }),
    select,
    refetchInterval: 15_000,
  });
}
