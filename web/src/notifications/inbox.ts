import { useSyncExternalStore } from "react";
import type { NotificationMessage } from "./messages";

/** What a user was told, as this browser keeps it: the server keeps none of it. */
export interface Told extends Omit<NotificationMessage, "type"> {
  seen: boolean;
}

const most = 100;
const keepsMs = 7 * 24 * 60 * 60 * 1000;
const nothing: readonly Told[] = [];

const keyOf = (user: string) => `vms.notifications.${user}`;

/** The newest first; the same id again takes the place of what was told before. */
export function withTold(list: readonly Told[], told: Told, now: number): Told[] {
  return [told, ...list.filter((t) => t.id !== told.id && now - Date.parse(t.at) < keepsMs)].slice(0, most);
}

const listeners = new Set<() => void>();
/** The same text is the same list: React asks often. */
const read = new Map<string, { raw: string | null; list: readonly Told[] }>();

function listOf(user: string): readonly Told[] {
  const raw = localStorage.getItem(keyOf(user));
  let known = read.get(user);
  if (known?.raw !== raw) read.set(user, (known = { raw, list: parsed(raw) }));
  return known?.list ?? nothing;
}

function parsed(raw: string | null): readonly Told[] {
  try {
    return raw ? (JSON.parse(raw) as Told[]) : nothing;
  } catch {
    return nothing;
  }
}

function write(user: string, list: readonly Told[]) {
  try {
    localStorage.setItem(keyOf(user), JSON.stringify(list));
  } catch {
    // A browser without room for it tells, and keeps nothing.
  }
  listeners.forEach((listener) => listener());
}

export function addTold(user: string, { id, at, title, text, eventType, cameraId, url }: NotificationMessage): void {
  write(user, withTold(listOf(user), { id, at, title, text, eventType, cameraId, url, seen: false }, Date.now()));
}

export function markAllSeen(user: string): void {
  const list = listOf(user);
  if (list.some((t) => !t.seen))
    write(
      user,
      list.map((t) => ({ ...t, seen: true })),
    );
}

export function clearTold(user: string): void {
  write(user, nothing);
}

/** Of nobody, nothing. */
export const useTold = (user: string | undefined): readonly Told[] =>
  useSyncExternalStore(subscribe, () => (user ? listOf(user) : nothing));

/** Other windows write it, too. */
function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  window.addEventListener("storage", listener);
  return () => {
    listeners.delete(listener);
    window.removeEventListener("storage", listener);
  };
}
