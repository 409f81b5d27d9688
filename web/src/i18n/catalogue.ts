import { language, type Language } from "./language";

/** The words of a feature: sentences, functions that put something into one, and groups of both. */
export interface Words {
  readonly [key: string]: string | readonly string[] | readonly (readonly string[])[] | Phrase | Words;
}

type Phrase = (...parts: never[]) => string;

/** As many lines, in the same order. */
type Lines<T extends readonly string[]> = { readonly [I in keyof T]: string };

type Table<T extends readonly (readonly string[])[]> = { readonly [I in keyof T]: Lines<T[I]> };

/** The same keys and the same parameters, other words. */
export type Translation<T> = {
  readonly [K in keyof T]: T[K] extends string
    ? string
    : T[K] extends readonly string[]
      ? Lines<T[K]>
      : T[K] extends readonly (readonly string[])[]
        ? Table<T[K]>
        : T[K] extends (...parts: infer P) => string
          ? (...parts: P) => string
          : Translation<T[K]>;
};

/**
 * The words of the language of the moment. To be read where they are shown, never kept: the language can change.
 * @param english Says which words there are; what German lacks, or has beyond it, does not compile.
 */
export function catalogue<const T extends Words>(english: T, german: NoInfer<Translation<T>>): Translation<T> {
  const of: Record<Language, Translation<T>> = { en: english as unknown as Translation<T>, de: german };
  return new Proxy(of.en, { get: (_, key) => Reflect.get(of[language()], key) as unknown });
}

/** The word for a name that the server gives; undefined for a name that is not known here. */
export function wordFor(group: Readonly<Record<string, string>>, name: string | null | undefined): string | undefined {
  return name != null && Object.hasOwn(group, name) ? group[name] : undefined;
}
