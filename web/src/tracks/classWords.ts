import { wordFor } from "@/i18n/catalogue";
import { words } from "./words";

/** A class in the reader's language; those of an operator's own model as the model calls them. */
export const classWords = (className: string): string => wordFor(words.classes, className) ?? className;
