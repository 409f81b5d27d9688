import { useEffect, useState } from "react";
import { Button } from "@/components/ui/Button";
import { words } from "./words";

/** The way to the organisation's identity provider; nothing where there is none. */
export function SignInWithProvider({ next }: { next: string }) {
  const [name, setName] = useState<string | null>(null);

  useEffect(() => {
    const stop = new AbortController();
    fetch("/api/auth/oidc/start", { headers: { accept: "application/json" }, signal: stop.signal })
      .then(async (response) => {
        if (response.ok) setName(((await response.json()) as { name: string | null }).name);
      })
      .catch(() => undefined);
    return () => stop.abort();
  }, []);

  if (name === null) return null;
  return (
    <>
      <div className="text-faint flex items-center gap-3 text-[13px]" aria-hidden>
        <span className="border-line grow border-t" />
        {words.or}
        <span className="border-line grow border-t" />
      </div>
      <Button
        type="button"
        size="touch"
        className="w-full"
        onClick={() => location.assign(`/api/auth/oidc/start?next=${encodeURIComponent(next)}`)}
      >
        {words.signInWith(name)}
      </Button>
    </>
  );
}
