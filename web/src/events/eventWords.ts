import { wordFor } from "@/i18n/catalogue";
import { words } from "./words";

/** What an event is called; one that another program reports, as that program calls it. */
export function eventWords(type: string): string {
  return wordFor(words.types, type) ?? type;
}
