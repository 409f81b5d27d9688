import { useSyncExternalStore } from "react";

/** What is chosen: always light, always dark, or as the system has it (and changes in the evening). */
export const themes = ["system", "light", "dark"] as const;
export type Theme = (typeof themes)[number];

const storageKey = "vms.theme";
const systemIsLight = window.matchMedia("(prefers-color-scheme: light)");

const listeners = new Set<() => void>();

/** The bar around a page that runs as an app. */
const barColours = { light: "#ffffff", dark: "#0b0d10" };

export function theme(): Theme {
  const kept = localStorage.getItem(storageKey);
  return themes.find((t) => t === kept) ?? "system";
}

/** The one that is seen. */
export function shownTheme(): "light" | "dark" {
  const wanted = theme();
  return wanted === "system" ? (systemIsLight.matches ? "light" : "dark") : wanted;
}

export function chooseTheme(wanted: Theme): void {
  if (wanted === "system") localStorage.removeItem(storageKey);
  else localStorage.setItem(storageKey, wanted);
  apply();
}

/** Keeps the page as it is chosen, here, in another tab or by the system. */
export function followTheme(): void {
  apply();
  systemIsLight.addEventListener("change", apply);
  window.addEventListener("storage", (e) => e.key === storageKey && apply());
}

export const useTheme = (): Theme => useSyncExternalStore(subscribe, theme);
export const useShownTheme = (): "light" | "dark" => useSyncExternalStore(subscribe, shownTheme);

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function apply() {
  const shown = shownTheme();
  document.documentElement.dataset["theme"] = shown;
  document.querySelector('meta[name="theme-color"]')?.setAttribute("content", barColours[shown]);
  listeners.forEach((listener) => listener());
}
