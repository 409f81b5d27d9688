import { Lock } from "lucide-react";
import type { ReactNode } from "react";
import { Link, Navigate } from "react-router";
import { useMay, useMe } from "@/api/useMe";
import { EmptyState, Skeleton } from "@/components/States";
import { words as pageWords } from "@/components/words";
import { Button } from "@/components/ui/Button";
import { allowedPages, type Page } from "./pages";
import { words } from "./words";

/** The page, or why it is not for this account: an address can be typed, or come from a colleague. */
export function Allowed({ page, children }: { page: Page | undefined; children: ReactNode }) {
  const me = useMe();
  const may = useMay();
  // A server that does not answer is not a refusal: the page says what is the matter.
  if (!page || page.needs.length === 0 || me.isError) return children;
  if (me.isPending) return <Skeleton className="m-8 h-40" />;
  if (page.needs.every(may)) return children;
  const other = allowedPages(may)[0]!;
  return (
    <EmptyState
      icon={<Lock />}
      title={pageWords.noPermission}
      detail={words.noPermissionDetail(words.pages[page.name])}
    >
      <Button asChild>
        <Link to={other.to}>{words.goTo(words.pages[other.name])}</Link>
      </Button>
    </EmptyState>
  );
}

/** The first page that the account may open. */
export function StartPage() {
  const me = useMe();
  const may = useMay();
  if (me.isPending) return null;
  return <Navigate to={me.isError ? "/live" : allowedPages(may)[0]!.to} replace />;
}
