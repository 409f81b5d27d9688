import { useRouteError } from "react-router";
import { ErrorState } from "@/components/States";

/** Last resort: a screen failed to load or to render. */
export function RouteError() {
  const error = useRouteError();
  return (
    <main className="flex h-full items-center justify-center p-6">
      <ErrorState
        title="This page could not be shown"
        detail={error instanceof Error ? error.message : "Something unexpected happened."}
        onRetry={() => location.reload()}
      />
    </main>
  );
}
