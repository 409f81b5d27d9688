import { useSyncExternalStore } from "react";

let open = false;
const listeners = new Set<() => void>();

/** The notification centre lies over whatever page is open. */
export function setCentreOpen(wanted: boolean): void {
  open = wanted;
  listeners.forEach((listener) => listener());
}

export const useCentreOpen = (): boolean =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => open,
  );
