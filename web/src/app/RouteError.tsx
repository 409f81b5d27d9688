import { Navigate, useLocation, useRouteError } from "react-router";
import { isSignedIn } from "@/api/signIn";
import { ErrorState } from "@/components/States";
import { words as pageWords } from "@/components/words";
import { ServerAway } from "./ServerAway";
import { words } from "./words";

/** How browsers say that a part of the client could not be loaded. */
const notLoaded = /dynamically imported module|importing a module script/i;

/** Last resort: a screen failed to load or to render. */
export function RouteError() {
  const error = useRouteError();
  const { pathname, search } = useLocation();
  // Without the server no page is there but the one to sign in.
  if (!isSignedIn() && pathname !== "/login" && pathname !== "/setup")
    return <Navigate to={`/login?next=${encodeURIComponent(pathname + search)}`} replace />;
  const message = error instanceof Error ? error.message : pageWords.unexpected;
  return (
    <main className="flex h-full items-center justify-center p-6">
      {notLoaded.test(message) ? (
        <ServerAway />
      ) : (
        <ErrorState title={words.pageFailed} detail={message} onRetry={() => location.reload()} />
      )}
    </main>
  );
}
