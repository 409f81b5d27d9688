/** Lets the client be installed, and its shell be there when the server is away. Browsers allow it over HTTPS and on the server itself. */
export function registerServiceWorker(): void {
  if (!import.meta.env.PROD || !("serviceWorker" in navigator)) return;
  // After the first screen: what is kept for later must not delay it.
  window.addEventListener("load", () => void navigator.serviceWorker.register("/sw.js").catch(() => undefined));
}
