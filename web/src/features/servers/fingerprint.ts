import { ApiError } from "@/api/problem";

/** The certificate that a server showed and that nobody vouches for, as the API says it: 64 hexadecimal digits; null where that is not the trouble. */
export function shownCertificate(error: Error | null): string | null {
  if (!(error instanceof ApiError)) return null;
  const field = error.problem.fields?.find((f) => f.code === "certificateNotTrusted");
  return field ? fingerprintIn(field.said ?? field.message) : null;
}

/** With or without colons, in capitals or not. */
export function fingerprintIn(text: string): string | null {
  const found = /\b(?:[0-9a-f]{2}:?){31}[0-9a-f]{2}\b/i.exec(text)?.[0];
  return found ? found.replaceAll(":", "").toLowerCase() : null;
}

/** As other programs show it, in lines that an eye can compare: `AB:CD:…`. */
export const fingerprintLines = (hex: string): string[] =>
  (hex.toUpperCase().match(/.{32}/g) ?? []).map((line) => line.match(/../g)!.join(":"));
