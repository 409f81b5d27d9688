import { wordFor } from "@/i18n/catalogue";
import { words } from "./words";

/** Rules that every installation begins with, by the names that they come with. */
export const shippedRules = (): string[] => Object.keys(words.shippedRules);

/** What a rule is called. One that the installation began with has its name in the reader's language, until somebody gives it another. */
export const ruleWords = ({ name, createdBy }: { name: string; createdBy: string }): string =>
  createdBy === "" ? calledWords(name) : name;

/** The same where nothing but the name is known: of an alarm, which keeps what its rule was called. */
export const calledWords = (name: string): string => wordFor(words.shippedRules, name) ?? name;
