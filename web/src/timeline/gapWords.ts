import { wordFor } from "@/i18n/catalogue";
import { plainWords } from "@/i18n/plainWords";
import { gapAt, isFetched, type Footage } from "./footage";
import { words } from "./words";

/** Nobody wanted it recorded: nothing is lost. */
export const isIntended = (cause: string) => cause === "disabled" || cause === "schedule" || cause === "noTrigger";

/** Why nothing is recorded here, for people. */
export function gapWords(cause: string): string {
  if (cause === "" || cause === "none") return words.causeUnknown;
  return wordFor(words.gaps, cause) ?? plainWords(cause);
}

/** That what is shown of a time came from the device, and why it was missing; null where it did not. */
export function fetchedWords(footage: Footage, at: number, slack = 0): string | null {
  if (!isFetched(footage, at, slack)) return null;
  const gap = gapAt(footage.filled, at, slack);
  return gap ? words.fetchedAfter(gapWords(gap.cause)) : words.fetched;
}
