import { Lock, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { ApiError } from "@/api/problem";
import { cn } from "./cn";
import { Button } from "./ui/Button";
import { words } from "./words";

/** Nothing to show yet: says what belongs here and offers the first step. */
export function EmptyState({
  title,
  detail,
  icon,
  children,
}: {
  title: string;
  detail: ReactNode;
  icon?: ReactNode;
  children?: ReactNode;
}) {
  return (
    <div className="flex h-full min-h-64 flex-col items-center justify-center gap-3 p-6 text-center">
      {icon && <div className="text-faint [&_svg]:size-10 [&_svg]:stroke-[1.25]">{icon}</div>}
      <h2 className="text-base font-semibold">{title}</h2>
      <p className="text-soft max-w-sm">{detail}</p>
      {children && <div className="mt-2 flex gap-2">{children}</div>}
    </div>
  );
}

/** What, why, and what to do. */
export function ErrorState({ title, detail, onRetry }: { title: string; detail: string; onRetry?: () => void }) {
  return (
    <div role="alert" className="flex h-full min-h-64 flex-col items-center justify-center gap-3 p-6 text-center">
      <TriangleAlert className="text-warn size-9 stroke-[1.25]" aria-hidden />
      <h2 className="text-base font-semibold">{title}</h2>
      <p className="text-soft max-w-md">{detail}</p>
      {onRetry && (
        <Button className="mt-2" onClick={onRetry}>
          {words.tryAgain}
        </Button>
      )}
    </div>
  );
}

/** The fitting state for a failed query: no permission looks different from an error. */
export function QueryError({ what, error, onRetry }: { what: string; error: unknown; onRetry: () => void }) {
  if (error instanceof ApiError && error.problem.status === 403)
    return <EmptyState icon={<Lock />} title={words.noPermission} detail={words.askAdministrator(what)} />;
  return (
    <ErrorState
      title={words.notLoaded(what)}
      detail={error instanceof Error ? error.message : words.unexpected}
      onRetry={onRetry}
    />
  );
}

/** Grey shape in place of what is loading. */
export function Skeleton({ className }: { className?: string }) {
  return <div aria-hidden className={cn("bg-raised animate-pulse rounded-md", className)} />;
}
