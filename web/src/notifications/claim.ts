import { oneWindowAtATime } from "@/api/oneWindowAtATime";

const storageKey = "vms.told";
/** As many as can be on their way to several windows at a time, and more. */
const remembered = 50;

/**
 * Whether this window is the one that shows or sounds it: the first that asks. All windows of a browser hear the same of the feed, and a person
 * wants to hear it once.
 */
export function claim(what: string): Promise<boolean> {
  const take = () => {
    const taken = JSON.parse(localStorage.getItem(storageKey) ?? "[]") as string[];
    if (taken.includes(what)) return false;
    localStorage.setItem(storageKey, JSON.stringify([...taken, what].slice(-remembered)));
    return true;
  };
  return navigator.locks
    ? navigator.locks.request(storageKey, take)
    : oneWindowAtATime(() => Promise.resolve(take()), `${storageKey}.turn`);
}
