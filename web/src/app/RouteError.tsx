import { useRouteError } from "react-router";
import { ErrorState } from "@/components/States";
import { words as pageWords } from "@/components/words";
import { words } from "./words";

/** Last resort: a screen failed to load or to render. */
export function RouteError() {
  const error = useRouteError();
  return (
    <main className="flex h-full items-center justify-center p-6">
      <ErrorState
        title={words.pageFailed}
        detail={error instanceof Error ? error.message : pageWords.unexpected}
        onRetry={() => location.reload()}
      />
    </main>
  );
}
