import { useInfiniteQuery } from "@tanstack/react-query";
import { api } from "./client";
import type { Schemas } from "./types";

/** One thing that somebody did, or tried. */
export type ListAuditAuditView = Schemas["ListAuditAuditView"];

/** What is looked for; absent means everything. Times are ISO 8601. */
export interface AuditFilter {
  actor?: string;
  action?: string;
  subject?: string;
  from?: string;
  to?: string;
}

/** The newest first, page by page. */
export function useAudit(filter: AuditFilter) {
  return useInfiniteQuery({
    queryKey: ["audit", filter],
    initialPageParam: "",
    queryFn: ({ pageParam, signal }) =>
      api.get("/api/audit", { query: { ...filter, limit: 100, ...(pageParam && { cursor: pageParam }) }, signal }),
    getNextPageParam: (page) => page.nextCursor ?? undefined,
  });
}

/** The log of a time as a file, oldest first: `csv` for a spreadsheet, `jsonl` with the hashes that chain it. */
export async function auditFile(
  format: "csv" | "jsonl",
  { from, to }: AuditFilter,
): Promise<{ name: string; blob: Blob }> {
  const time = { ...(from && { from }), ...(to && { to }) };
  const response = await api.fetch("get", "/api/audit/export", { query: { format, ...time } });
  const name = /filename="?([^";]+)/.exec(response.headers.get("content-disposition") ?? "")?.[1];
  return { name: name ?? `audit.${format}`, blob: await response.blob() };
}
