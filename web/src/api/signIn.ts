import { oneWindowAtATime } from "./oneWindowAtATime";
import { ApiError, problemOf, unreachable } from "./problem";
import { words } from "./words";

/**
 * Who is signed in. The access token lives in memory; the refresh token, which changes with each use, in localStorage, so that a
 * reload and other tabs stay signed in. One refresh at a time over all tabs (Web Locks): a token used twice counts as stolen.
 */
const storageKey = "vms.refreshToken";

interface Tokens {
  accessToken: string;
  refreshToken: string;
  expiresIn: number;
}

let access: { token: string; expiresAt: number } | null = null;
const listeners = new Set<() => void>();

export function isSignedIn(): boolean {
  return localStorage.getItem(storageKey) !== null;
}

export function onSignInChange(listener: () => void): () => void {
  listeners.add(listener);
  window.addEventListener("storage", listener);
  return () => {
    listeners.delete(listener);
    window.removeEventListener("storage", listener);
  };
}

/** @param code of the second factor, where the account has one */
export async function signIn(username: string, password: string, code?: string): Promise<void> {
  keep(await post("/api/auth/login", code === undefined ? { username, password } : { username, password, code }));
}

/** With the token that the identity provider's call-back put into the address. It works once. */
export async function takeOver(refreshToken: string): Promise<void> {
  keep(await post("/api/auth/refresh", { refreshToken }));
}

export async function signOut(): Promise<void> {
  const refreshToken = localStorage.getItem(storageKey);
  const token = access?.token;
  forget();
  if (refreshToken && token)
    await fetch("/api/auth/logout", {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify({ refreshToken }),
    }).catch(() => undefined);
}

/** A valid access token, refreshed when it is about to expire. Throws `ApiError` when nobody is signed in any more. */
export async function accessToken(): Promise<string> {
  if (access && access.expiresAt > Date.now() + 30_000) return access.token;
  return navigator.locks
    ? navigator.locks.request("vms.refresh", refresh)
    : (refreshing ??= oneWindowAtATime(refresh).finally(() => (refreshing = null)));
}

/** The server refused the token although it had not expired (its key changed): the next call refreshes. */
export function dropAccessToken(): void {
  access = null;
}

// Within this window. Web Locks need a secure context; over plain HTTP in a local network there are none.
let refreshing: Promise<string> | null = null;

async function refresh(): Promise<string> {
  if (access && access.expiresAt > Date.now() + 30_000) return access.token;
  const refreshToken = localStorage.getItem(storageKey);
  if (!refreshToken) throw new ApiError({ status: 401, code: "signedOut", title: words.pleaseSignIn });
  try {
    return keep(await post("/api/auth/refresh", { refreshToken }));
  } catch (error) {
    if (error instanceof ApiError && error.problem.status === 401) forget();
    throw error;
  }
}

function keep(tokens: Tokens): string {
  access = { token: tokens.accessToken, expiresAt: Date.now() + tokens.expiresIn * 1000 };
  localStorage.setItem(storageKey, tokens.refreshToken);
  listeners.forEach((l) => l());
  return access.token;
}

function forget() {
  access = null;
  localStorage.removeItem(storageKey);
  listeners.forEach((l) => l());
}

async function post(path: string, body: unknown): Promise<Tokens> {
  let response: Response;
  try {
    response = await fetch(path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  } catch {
    throw new ApiError(unreachable());
  }
  if (!response.ok) throw new ApiError(await problemOf(response));
  return (await response.json()) as Tokens;
}
