import { tableOfWords } from "./messages";

/** Both are known to `offline/worker.js`, too. */
const cacheName = "words";
const path = "/push-words.json";

/** The service worker shows what is pushed while no window is open: it is left the words of this browser's language. */
export async function keepPushWords(): Promise<void> {
  if (!("caches" in window)) return;
  const cache = await caches.open(cacheName);
  await cache.put(path, Response.json(tableOfWords()));
}
