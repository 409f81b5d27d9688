import { useEffect, useRef } from "react";
import { FormProblem } from "./FormProblem";
import { Button } from "./ui/Button";
import { words } from "./words";

/** Goes on by itself when it comes into sight; after an error only when somebody asks for it. */
export function More({ busy, error, onMore }: { busy: boolean; error: Error | null; onMore: () => void }) {
  const failed = error !== null;
  const button = useRef<HTMLDivElement>(null);
  const more = useRef(onMore);
  useEffect(() => {
    more.current = onMore;
  });
  useEffect(() => {
    if (busy || failed || !button.current) return;
    const observer = new IntersectionObserver((seen) => seen.some((s) => s.isIntersecting) && more.current(), {
      rootMargin: "400px",
    });
    observer.observe(button.current);
    return () => observer.disconnect();
  }, [busy, failed]);
  return (
    <div ref={button} className="mt-4 space-y-2 text-center">
      <FormProblem error={error} />
      <Button className="max-md:h-11" disabled={busy} onClick={onMore}>
        {busy ? words.loadingMore : failed ? words.tryAgain : words.showMore}
      </Button>
    </div>
  );
}
