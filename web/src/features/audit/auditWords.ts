import type { ListAuditAuditView } from "@/api/audit";
import type { Places } from "@/rights/grantWords";
import { wordFor } from "@/i18n/catalogue";
import { words } from "./words";

/** "added the user"; the server's own name for what is not known here. */
export const actionWords = (action: string): string => wordFor(words.actions, action) ?? action;

/** The noun of an action in words: what it is about. */
export const nounWords = (action: string): string => {
  const noun = action.split(".", 1)[0]!;
  return wordFor(words.nouns, noun) ?? noun;
};

/** Whose name the subject has nothing to add to: it is about whoever did it, or about nothing that has a name. */
const aboutNobodyElse =
  /^(session\.|user\.(passwordChanged|totpO)|recording\.|export\.|job\.|bookmark\.|event\.|detection\.|deadLetter\.|footage\.move)/;

const text = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);

/** What the entry is about, by the name that it had then or has now; undefined where the action says it all. */
export function subjectWords(entry: ListAuditAuditView, places: Places | undefined): string | undefined {
  const detail = (typeof entry.detail === "object" ? entry.detail : null) as Record<string, unknown> | null;
  const then = text(detail?.["username"]) ?? text(detail?.["name"]) ?? text(detail?.["title"]);
  if (then) return then;
  const now =
    places && (places.camera.get(entry.subject) ?? places.site.get(entry.subject) ?? places.group.get(entry.subject));
  if (now) return now;
  return aboutNobodyElse.test(entry.action) ? undefined : entry.subject;
}

/** Every fact of an entry's detail as a line: nested ones by the way to them, `grants.0.roleId`. */
export function detailLines(detail: unknown, way = ""): [string, string][] {
  if (detail === null || detail === undefined) return [];
  if (typeof detail !== "object") return [[way, valueWords(detail)]];
  return Object.entries(detail).flatMap(([key, value]) => detailLines(value, way ? `${way}.${key}` : key));
}

function valueWords(value: unknown): string {
  if (typeof value === "boolean") return value ? words.yes : words.no;
  return String(value);
}

/** All actions that are known, under what they are about, in the order of the catalogue. */
export function actionGroups(): [string, string[]][] {
  const groups = new Map<string, string[]>();
  for (const action of Object.keys(words.actions)) {
    const noun = nounWords(action);
    groups.set(noun, [...(groups.get(noun) ?? []), action]);
  }
  return [...groups];
}
