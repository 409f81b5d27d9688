import { useSyncExternalStore } from "react";

/** Often enough for "3 min ago". */
const tickMs = 20_000;

let now = Date.now();
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

/** The moment, for words about how long ago something was: the same for the whole page, and never older than a tick. */
export const useNow = (): number => useSyncExternalStore(subscribe, () => now);

/** Whether a moment is over, a tick later at the most; nothing is rendered until it is. */
export const useIsPast = (at: number): boolean => useSyncExternalStore(subscribe, () => now >= at);

function subscribe(listener: () => void): () => void {
  if (listeners.size === 0) {
    tick();
    timer = setInterval(tick, tickMs);
  }
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) clearInterval(timer);
  };
}

function tick() {
  now = Date.now();
  listeners.forEach((listener) => listener());
}
