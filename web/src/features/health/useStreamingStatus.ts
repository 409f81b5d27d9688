import { useQuery } from "@tanstack/react-query";
import { api } from "@/api/client";
import { remember } from "./history";

/** What each stream brings, as media measures it; each answer is remembered for the lines of the last minutes. */
export function useStreamingStatus() {
  return useQuery({
    queryKey: ["health", "streams"],
    queryFn: async ({ signal }) => {
      const status = await api.get("/api/streaming/status", { signal });
      remember(status);
      return status;
    },
    refetchInterval: 10_000,
  });
}
