import { useSyncExternalStore } from "react";

/** As the classes `lg:` see it. */
const wide = "(min-width: 64rem)";

/** Whether there is room for something beside a list. */
export const useWide = (): boolean => useSyncExternalStore(subscribe, () => matchMedia(wide).matches);

function subscribe(listener: () => void): () => void {
  const query = matchMedia(wide);
  query.addEventListener("change", listener);
  return () => query.removeEventListener("change", listener);
}
