import type { ReactNode } from "react";
import { More } from "./More";
import { QueryError } from "./States";

/** What is asked of a list that is read page by page. */
export interface Pages {
  isPending: boolean;
  isError: boolean;
  /** Nothing was read yet: what stands in the list came another way. */
  isLoadingError: boolean;
  error: Error | null;
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  isFetchNextPageError: boolean;
  refetch: () => unknown;
  fetchNextPage: () => unknown;
}

/** A list that is read page by page: while it is read, when it cannot be, when there is nothing in it, and the way to more. */
export function Paged({
  pages,
  isEmpty,
  what,
  skeleton,
  empty,
  children,
}: {
  pages: Pages;
  isEmpty: boolean;
  /** Could not be read, in words. */
  what: string;
  skeleton: ReactNode;
  empty: ReactNode;
  children: ReactNode;
}) {
  if (pages.isPending) return skeleton;
  const failure = <QueryError what={what} error={pages.error!} onRetry={() => void pages.refetch()} />;
  if (isEmpty) return pages.isError ? failure : empty;
  return (
    <>
      {children}
      {pages.isLoadingError && failure}
      {pages.hasNextPage && (
        <More
          busy={pages.isFetchingNextPage}
          error={pages.isFetchNextPageError ? pages.error : null}
          onMore={() => void pages.fetchNextPage()}
        />
      )}
    </>
  );
}
