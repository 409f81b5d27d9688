import { api } from "./client";
import { isSignedIn, onSignInChange } from "./signIn";

/** What the server says on the live feed; `type` tells what else is in it (docs/ref/live-feed.md). */
export interface FeedMessage {
  type: string;
}

const firstPauseMs = 1_000;
const longestPauseMs = 30_000;

/** 1, 2, 4 s and so on, with a part left to chance: a server that restarts is not asked by everybody at once. */
export function pauseMs(failures: number, chance: number): number {
  const full = Math.min(longestPauseMs, firstPauseMs * 2 ** failures);
  return full / 2 + (full / 2) * chance;
}

const listeners = new Map<string, Set<(message: FeedMessage) => void>>();
let socket: WebSocket | null = null;
let retry: ReturnType<typeof setTimeout> | undefined;
let failures = 0;
/** Which opening counts: a later one has taken over from those before it. */
let attempt = 0;
let opening = false;

/**
 * Listens to one kind of message. One socket for the page: it opens with the first listener and closes with the last. What happened while it was
 * away is not told again: whoever needs all asks anew when it opens (the type `open`, of this client).
 */
export function onFeed<T extends FeedMessage>(type: string, listener: (message: T) => void): () => void {
  const heard = listener as (message: FeedMessage) => void;
  listeners.set(type, (listeners.get(type) ?? new Set()).add(heard));
  if (!socket && !retry && !opening) void open();
  return () => {
    listeners.get(type)?.delete(heard);
    if ([...listeners.values()].every((l) => l.size === 0)) close();
  };
}

/**
 * Says something to the server; nothing while the feed is away: whoever has to be known there says it again when it opens.
 */
export function sayOnFeed(message: FeedMessage): void {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
}

// Whoever signs in next listens with rights of their own.
onSignInChange(() => {
  if (!isSignedIn()) close();
});

async function open() {
  const mine = ++attempt;
  opening = true;
  let opened: WebSocket;
  try {
    const { ticket } = await api.post("/api/tickets", { body: { kind: "ws" } });
    if (mine !== attempt) return;
    const address = new URL(`/api/ws?ticket=${encodeURIComponent(ticket)}`, location.href);
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    opened = new WebSocket(address);
  } catch {
    if (mine === attempt) {
      opening = false;
      later();
    }
    return;
  }
  opening = false;
  socket = opened;
  opened.onopen = () => {
    failures = 0;
    tell({ type: "open" });
  };
  opened.onmessage = ({ data }) => {
    if (typeof data === "string") tell(JSON.parse(data) as FeedMessage);
  };
  opened.onclose = () => {
    if (socket !== opened) return;
    socket = null;
    later();
  };
}

function later() {
  if (!isSignedIn()) return;
  retry = setTimeout(
    () => {
      retry = undefined;
      void open();
    },
    pauseMs(failures++, Math.random()),
  );
}

function close() {
  attempt++;
  opening = false;
  clearTimeout(retry);
  retry = undefined;
  failures = 0;
  const closing = socket;
  socket = null;
  closing?.close();
}

function tell(message: FeedMessage) {
  for (const listener of listeners.get(message.type) ?? []) listener(message);
}
