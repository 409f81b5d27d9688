import { useSyncExternalStore } from "react";
import { useMe } from "@/api/useMe";

/** What somebody wants to see over live pictures. Kept in the browser, for each account. */
export interface OverPictures {
  boxes: boolean;
  places: boolean;
}

const nothing: OverPictures = { boxes: false, places: false };
const keyOf = (userId: string) => `vms.overPictures.${userId}`;
const listeners = new Set<() => void>();
const known = new Map<string, OverPictures>();

function read(userId: string): OverPictures {
  const before = known.get(userId);
  if (before) return before;
  let text: string | null = null;
  try {
    text = localStorage.getItem(keyOf(userId));
  } catch {
    // storage is switched off
  }
  const parts = text?.split(" ") ?? [];
  const kept = { boxes: parts.includes("boxes"), places: parts.includes("places") };
  known.set(userId, kept);
  return kept;
}

function keep(userId: string, wanted: OverPictures) {
  known.set(userId, wanted);
  try {
    localStorage.setItem(keyOf(userId), [wanted.boxes && "boxes", wanted.places && "places"].filter(Boolean).join(" "));
  } catch {
    // storage is switched off: it holds until the page is left
  }
  listeners.forEach((listener) => listener());
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** What is shown over live pictures, and the switch for one of it. */
export function useOverPictures(): [OverPictures, (what: keyof OverPictures) => void] {
  const userId = useMe().data?.id;
  const shown = useSyncExternalStore(subscribe, () => (userId === undefined ? nothing : read(userId)));
  return [shown, (what) => userId !== undefined && keep(userId, { ...shown, [what]: !shown[what] })];
}
