import { useInfiniteQuery } from "@tanstack/react-query";
import { call, stream } from "./client";
import type { Page } from "./types";

/** One thing that somebody did, or tried. */
export interface ListAuditAuditView {
  id: string;
  at: string;
  /** A user's or a key's name; empty for the installation itself and its command line. */
  actor: string;
  /** From where; null for the system and for this machine's own socket. */
  address?: string | null;
  /** Noun and verb: `user.added`. */
  action: string;
  /** Id of what it was done to. */
  subject: string;
  result: "done" | "refused";
  detail: unknown;
}

/** What is looked for; absent means everything. Times are ISO 8601. */
export interface AuditFilter {
  actor?: string;
  action?: string;
  subject?: string;
  from?: string;
  to?: string;
}

const queryOf = (filter: object): string =>
  Object.entries(filter)
    .filter(([, value]) => value)
    .map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`)
    .join("&");

/** The newest first, page by page. */
export function useAudit(filter: AuditFilter) {
  return useInfiniteQuery({
    queryKey: ["audit", filter],
    initialPageParam: "",
    queryFn: ({ pageParam, signal }) =>
      call<Page<ListAuditAuditView>>(
        "GET",
        `/api/audit?${queryOf({ ...filter, limit: 100, cursor: pageParam })}`,
        undefined,
        signal,
      ),
    getNextPageParam: (page) => page.nextCursor ?? undefined,
  });
}

/** The log of a time as a file, oldest first: `csv` for a spreadsheet, `jsonl` with the hashes that chain it. */
export async function auditFile(
  format: "csv" | "jsonl",
  { from, to }: AuditFilter,
): Promise<{ name: string; blob: Blob }> {
  const response = await stream(`/api/audit/export?${queryOf({ format, from, to })}`, new AbortController().signal);
  const name = /filename="?([^";]+)/.exec(response.headers.get("content-disposition") ?? "")?.[1];
  return { name: name ?? `audit.${format}`, blob: await response.blob() };
}
