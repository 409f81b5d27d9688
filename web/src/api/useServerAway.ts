import { useEffect, useState } from "react";

/** How often a server is asked that does not answer, and one that does. */
const awayMs = 2_000;
const thereMs = 10_000;
/** One that says nothing is away. */
const patienceMs = 4_000;

async function answers(): Promise<boolean> {
  try {
    return (await fetch("/health", { cache: "no-store", signal: AbortSignal.timeout(patienceMs) })).ok;
  } catch {
    return false;
  }
}

/**
 * Whether the server is away, for pages that have nothing else of it: asked at once, again and again, and when the computer has its network back. Null
 * until it is known.
 */
export function useServerAway(): boolean | null {
  const [away, setAway] = useState<boolean | null>(null);
  useEffect(() => {
    let over = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = async () => {
      clearTimeout(timer);
      const isAway = !(await answers());
      if (over) return;
      setAway(isAway);
      timer = setTimeout(() => void ask(), isAway ? awayMs : thereMs);
    };
    const onOnline = () => void ask();
    window.addEventListener("online", onOnline);
    void ask();
    return () => {
      over = true;
      clearTimeout(timer);
      window.removeEventListener("online", onOnline);
    };
  }, []);
  return away;
}
