import { oneWindowAtATime } from "@/api/oneWindowAtATime";

const storageKey = "vms.told";
/** As many as can be on their way to several windows at a time, and more. */
const remembered = 50;
/** All windows have heard it by then; what is told later is told anew. */
const holdsMs = 30_000;

type Claim = readonly [what: string, at: number];

/**
 * Whether this window is the one that shows or sounds it: the first that asks. All windows of a browser hear the same of the feed, and a person
 * wants to hear it once.
 */
export function claim(what: string): Promise<boolean> {
  const take = () => {
    const now = Date.now();
    const taken = claims().filter(([, at]) => Math.abs(now - at) < holdsMs);
    if (taken.some(([other]) => other === what)) return false;
    try {
      localStorage.setItem(storageKey, JSON.stringify([...taken, [what, now]].slice(-remembered)));
    } catch {
      // A browser without room for it: told in every window is better than in none.
    }
    return true;
  };
  return navigator.locks
    ? navigator.locks.request(storageKey, take)
    : oneWindowAtATime(() => Promise.resolve(take()), `${storageKey}.turn`);
}

/** What stands there may be of another version of this client. */
function claims(): Claim[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(storageKey) ?? "[]");
    return Array.isArray(kept) ? kept.filter(isClaim) : [];
  } catch {
    return [];
  }
}

const isClaim = (value: unknown): value is Claim =>
  Array.isArray(value) && typeof value[0] === "string" && typeof value[1] === "number";
