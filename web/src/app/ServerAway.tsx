import { CloudOff } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useServerAway } from "@/api/useServerAway";
import { EmptyState, ErrorState } from "@/components/States";
import { Button } from "@/components/ui/Button";
import { words as pageWords } from "@/components/words";
import { words } from "./words";

/** When this page reloaded itself last. */
const storageKey = "vms.reloadedAt";
/** A page that cannot be loaded again this soon is not made whole by another try. */
const againMs = 15_000;

/** In place of a page whose parts could not be loaded: the server is away, and as soon as it is back the page is, too. */
export function ServerAway() {
  const away = useServerAway();
  const wasAway = useRef(false);
  // A part that the server does not have at all must not reload for ever.
  const [reloaded] = useState(() => Date.now() - Number(sessionStorage.getItem(storageKey) ?? 0) < againMs);
  useEffect(() => {
    if (away) wasAway.current = true;
    if (away !== false || (reloaded && !wasAway.current)) return;
    // It is back, or was a moment later, or has another version by now.
    sessionStorage.setItem(storageKey, String(Date.now()));
    location.reload();
  }, [away, reloaded]);
  if (away === false && reloaded)
    return <ErrorState title={words.pageFailed} detail={words.pageIncomplete} onRetry={() => location.reload()} />;
  return (
    <div role="status">
      <EmptyState icon={<CloudOff />} title={words.serverIsAway} detail={words.serverIsAwayDetail}>
        <Button onClick={() => location.reload()}>{pageWords.tryAgain}</Button>
      </EmptyState>
    </div>
  );
}
