import { locale } from "./language";

/** A format of times in the language of the moment. */
export function timeFormat(options: Intl.DateTimeFormatOptions): (ms: number | Date) => string {
  const format = kept(options);
  return (ms) => format().format(ms);
}

/** The same in its parts. */
export function timeFormatParts(options: Intl.DateTimeFormatOptions): (ms: number | Date) => Intl.DateTimeFormatPart[] {
  const format = kept(options);
  return (ms) => format().formatToParts(ms);
}

/** `Intl` objects are dear: one is kept for each language. */
function kept(options: Intl.DateTimeFormatOptions): () => Intl.DateTimeFormat {
  const made = new Map<string, Intl.DateTimeFormat>();
  return () => {
    const tag = locale();
    let format = made.get(tag);
    if (!format) made.set(tag, (format = new Intl.DateTimeFormat(tag, options)));
    return format;
  };
}

/** A number with as many digits behind the point, or the comma. */
export function number(value: number, digits = 0): string {
  return value.toLocaleString(locale(), {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
    useGrouping: false,
  });
}
