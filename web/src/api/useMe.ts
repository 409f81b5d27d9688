import { useQuery } from "@tanstack/react-query";
import { call } from "./client";
import type { Me } from "./types";

export function useMe() {
  return useQuery({
    queryKey: ["me"],
    queryFn: ({ signal }) => call<Me>("GET", "/api/auth/me", undefined, signal),
    staleTime: 60_000,
  });
}
