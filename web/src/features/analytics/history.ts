/** What was, is and was taken back. */
export interface History<T> {
  past: readonly T[];
  now: T;
  future: readonly T[];
  /** What the last step changed: the same again belongs to that step. */
  what: string | null;
}

const longest = 100;

export const begun = <T>(now: T): History<T> => ({ past: [], now, future: [], what: null });

/** @param what Steps of the same one thing, a point that is moved key by key, are undone as one; null is always a step of its own. */
export function changed<T>(history: History<T>, now: T, what: string | null): History<T> {
  if (what !== null && what === history.what) return { ...history, now, future: [] };
  return { past: [...history.past, history.now].slice(-longest), now, future: [], what };
}

export function undone<T>({ past, now, future }: History<T>): History<T> {
  const before = past.at(-1);
  if (before === undefined) return { past, now, future, what: null };
  return { past: past.slice(0, -1), now: before, future: [now, ...future], what: null };
}

export function redone<T>({ past, now, future }: History<T>): History<T> {
  const [next, ...later] = future;
  if (next === undefined) return { past, now, future, what: null };
  return { past: [...past, now], now: next, future: later, what: null };
}
