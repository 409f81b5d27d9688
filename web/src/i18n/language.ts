import { useSyncExternalStore } from "react";

/** The language of every word and of the formats of dates and numbers: the browser's at first, then whichever was chosen. */
export const languages = ["en", "de"] as const;
export type Language = (typeof languages)[number];

const storageKey = "vms.language";

const listeners = new Set<() => void>();
let chosen = read();
let current = chosen ?? preferred(navigator.languages);
mark();

// Another tab chose.
window.addEventListener("storage", (e) => e.key === storageKey && apply(read()));

/** The first of the browser's languages that there are words in; English when there is none. */
export function preferred(wished: readonly string[]): Language {
  for (const tag of wished) {
    const language = languages.find((l) => tag.toLowerCase().split("-")[0] === l);
    if (language) return language;
  }
  return "en";
}

export const language = (): Language => current;

/** For `Intl`: the browser's own tag where it is of this language (a German of Austria keeps his January). */
export function locale(): string {
  return navigator.languages.find((tag) => tag.toLowerCase().split("-")[0] === current) ?? current;
}

/** Null: the browser's language again. */
export function chooseLanguage(wanted: Language | null): void {
  if (wanted) localStorage.setItem(storageKey, wanted);
  else localStorage.removeItem(storageKey);
  apply(wanted);
}

/** Null while nobody chose. */
export const chosenLanguage = (): Language | null => chosen;

/** Renders again when the language changes. */
export const useLanguage = (): Language => useSyncExternalStore(subscribe, language);

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function read(): Language | null {
  const kept = localStorage.getItem(storageKey);
  return languages.find((l) => l === kept) ?? null;
}

function apply(wanted: Language | null) {
  chosen = wanted;
  current = wanted ?? preferred(navigator.languages);
  mark();
  listeners.forEach((listener) => listener());
}

/** For screen readers, hyphenation and the browser's offer to translate. */
function mark() {
  document.documentElement.lang = current;
}
