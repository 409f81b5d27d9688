const storageKey = "vms.push";

/** `noWorker`: the browser could, and the client's service worker is not there. */
export type PushSupport = "yes" | "insecure" | "unsupported" | "noWorker";

export async function pushSupport(): Promise<PushSupport> {
  if (!window.isSecureContext) return "insecure";
  if (!("serviceWorker" in navigator) || !("PushManager" in window)) return "unsupported";
  return (await navigator.serviceWorker.getRegistration())?.active ? "yes" : "noWorker";
}

/** The id under which the server has this browser; null: it has not, or the browser has forgotten its subscription. */
export async function pushIdHere(): Promise<string | null> {
  const subscription = await subscriptionHere();
  const kept = localStorage.getItem(storageKey)?.split(" ");
  return kept && subscription?.endpoint === kept[1] ? kept[0]! : null;
}

export function keepPushId(id: string, endpoint: string): void {
  localStorage.setItem(storageKey, `${id} ${endpoint}`);
}

/** What the server needs to reach this browser. Asks the browser's maker for an address: it takes the internet. */
export async function subscribe(publicKey: string): Promise<{ endpoint: string; p256dh: string; auth: string }> {
  const { pushManager } = await navigator.serviceWorker.ready;
  // One that was made with another key (the server was set up anew) is of no use, and stands in the way.
  await (await pushManager.getSubscription())?.unsubscribe();
  const subscription = await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: publicKey });
  const { endpoint, keys } = subscription.toJSON();
  return { endpoint: endpoint!, p256dh: keys!["p256dh"]!, auth: keys!["auth"]! };
}

/** This browser is told nothing more: its maker says so to the server, which then forgets it. */
export async function endPush(): Promise<void> {
  localStorage.removeItem(storageKey);
  await (await subscriptionHere())?.unsubscribe();
}

const subscriptionHere = async () =>
  (await navigator.serviceWorker?.getRegistration())?.pushManager?.getSubscription() ?? null;
