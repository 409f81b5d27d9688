import { wordFor } from "@/i18n/catalogue";
import { gapAt, isFetched, type Footage } from "./footage";
import { words } from "./words";

/** Nobody wanted it recorded: nothing is lost. */
export const isIntended = (cause: string) => cause === "disabled" || cause === "schedule" || cause === "noTrigger";

/** Why nothing is recorded here, for people. A cause that this client is too old to know is said in its own words: "storageMoved" → "Storage moved". */
export function gapWords(cause: string): string {
  const known = wordFor(words.gaps, cause);
  if (known) return known;
  if (cause === "" || cause === "none") return words.causeUnknown;
  const plain = cause
    .replace(/[._-]+/g, " ")
    .replace(/([a-z\d])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .trim();
  return plain.charAt(0).toUpperCase() + plain.slice(1);
}

/** That what is shown of a time came from the device, and why it was missing; null where it did not. */
export function fetchedWords(footage: Footage, at: number, slack = 0): string | null {
  if (!isFetched(footage, at, slack)) return null;
  const gap = gapAt(footage.filled, at, slack);
  return gap ? words.fetchedAfter(gapWords(gap.cause)) : words.fetched;
}

/** What an event mark means, for people. */
export function eventWords(type: string): string {
  return wordFor(words.events, type) ?? gapWords(type);
}
