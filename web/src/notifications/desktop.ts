import { useSyncExternalStore } from "react";
import { pathOf, textWords, titleWords } from "./messages";
import type { Told } from "./inbox";

/** `insecure`: browsers show notifications of pages over HTTPS, and of the server's own machine, alone. */
export type DesktopState = "granted" | "denied" | "default" | "insecure" | "unsupported";

export function desktopState(): DesktopState {
  if (!window.isSecureContext) return "insecure";
  return "Notification" in window ? Notification.permission : "unsupported";
}

/** As it is now: it can be changed beside the page's address, too. */
export const useDesktopState = (): DesktopState => useSyncExternalStore(subscribe, desktopState);

function subscribe(listener: () => void): () => void {
  let status: PermissionStatus | undefined;
  let over = false;
  navigator.permissions?.query({ name: "notifications" }).then(
    (found) => {
      if (!over) (status = found).addEventListener("change", listener);
    },
    () => undefined,
  );
  return () => {
    over = true;
    status?.removeEventListener("change", listener);
  };
}

/**
 * Shows it as the desktop shows such things; the same id again replaces it, and is heard again. By the service worker where there is one: then what comes by web push
 * replaces it, too, and phones show nothing otherwise.
 */
export async function showOnDesktop(told: Omit<Told, "seen">, open: (path: string) => void): Promise<void> {
  const path = pathOf(told.url);
  const title = titleWords(told.title);
  const options = {
    body: textWords(told),
    tag: told.id,
    renotify: Boolean(told.id),
    icon: "/icon-192.png",
    data: { url: path },
  };
  const registration = await navigator.serviceWorker?.getRegistration();
  if (registration?.active) return registration.showNotification(title, options);
  const shown = new Notification(title, options);
  shown.onclick = () => {
    window.focus();
    open(path);
    shown.close();
  };
}
