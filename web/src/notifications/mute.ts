import { useSyncExternalStore } from "react";

const storageKey = "vms.muted";
const listeners = new Set<() => void>();

/** Of this window alone, also after a reload: in a room with two screens one of them is to be heard. */
export const isMuted = (): boolean => sessionStorage.getItem(storageKey) !== null;

export function setMuted(muted: boolean): void {
  if (muted) sessionStorage.setItem(storageKey, "1");
  else sessionStorage.removeItem(storageKey);
  listeners.forEach((listener) => listener());
}

export const useMuted = (): boolean =>
  useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, isMuted);
