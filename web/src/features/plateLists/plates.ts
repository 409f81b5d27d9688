import type { PlateEntry } from "@/api/plateLists";

/** The server takes no more in one list. */
export const maxEntries = 10_000;
const maxPlate = 32;
const maxNote = 200;

export interface Entry {
  plate: string;
  note: string;
}

/** As plates are compared: capital letters and digits alone; * stands for any characters, ? for any one. */
export const normalPlate = (text: string): string => text.toUpperCase().replace(/[^\p{L}\p{N}*?]/gu, "");

/** A plate with nothing but wildcards would be every one. */
export const isPlate = (plate: string): boolean => plate.length <= maxPlate && /[\p{L}\p{N}]/u.test(plate);

export const entryOf = ({ plate, note }: PlateEntry): Entry => ({ plate: plate ?? "", note: note ?? "" });

export interface Pasted {
  entries: Entry[];
  /** Lines that hold no plate, from 1. */
  refused: number[];
}

/** A plate a line, and behind a comma, semicolon or tab a note. The heading of a table is no plate. */
export function parsePlates(text: string): Pasted {
  const entries: Entry[] = [];
  const refused: number[] = [];
  text.split(/\r\n|\r|\n/).forEach((line, i) => {
    if (line.trim() === "") return;
    const [first = "", ...rest] = cellsOf(line);
    if (i === 0 && /^(plate|kennzeichen)$/i.test(first.trim().replace(/^\ufeff/, ""))) return;
    const plate = normalPlate(first);
    if (!isPlate(plate)) refused.push(i + 1);
    else entries.push({ plate, note: unguarded(rest.join(" ").trim()).slice(0, maxNote) });
  });
  return { entries, refused };
}

/** Parted by whichever sign a spreadsheet used; quotes hold it together. */
function cellsOf(line: string): string[] {
  const cells = [""];
  let quoted = false;
  for (const c of line) {
    if (c === '"') quoted = !quoted;
    if (!quoted && /[\t;,]/.test(c)) cells.push("");
    else cells[cells.length - 1] += c;
  }
  return cells.map(unquoted);
}

/** See {@link cell}. */
const unguarded = (note: string): string => (/^'+[=+\-@]/.test(note) ? note.slice(1) : note);

const unquoted = (cell: string): string =>
  /^\s*".*"\s*$/.test(cell) ? cell.trim().slice(1, -1).replaceAll('""', '"') : cell.trim();

/** What is added counts where a plate is there already: a note is not lost for an empty one. */
export function merged(entries: readonly Entry[], added: readonly Entry[]): Entry[] {
  const all = new Map(entries.map((e) => [e.plate, e]));
  for (const entry of added) {
    const before = all.get(entry.plate);
    all.set(entry.plate, before && entry.note === "" ? before : entry);
  }
  return [...all.values()];
}

/** What `mine` changed of what it began with, changed of what is there now: added, removed, and with another note. What others did stays. */
export function rebased(mine: readonly Entry[], began: readonly Entry[], now: readonly Entry[]): Entry[] {
  const notesOf = (entries: readonly Entry[]) => new Map(entries.map((e) => [e.plate, e.note]));
  const [own, before, theirs] = [notesOf(mine), notesOf(began), notesOf(now)];
  const isOwn = ({ plate, note }: Entry) => before.get(plate) !== note;
  return [
    ...now
      .filter(({ plate }) => own.has(plate) || !before.has(plate))
      .map((entry) => {
        const note = own.get(entry.plate);
        return note !== undefined && isOwn({ ...entry, note }) ? { ...entry, note } : entry;
      }),
    ...mine.filter((entry) => !theirs.has(entry.plate) && isOwn(entry)),
  ];
}

/** For a spreadsheet; reads back as it is. */
export const toCsv = (entries: readonly Entry[]): string =>
  ["plate,note", ...entries.map(({ plate, note }) => `${plate},${cell(note)}`)].join("\r\n") + "\r\n";

/** Spreadsheets run what begins like a formula; what looks like guarded gets a guard, too, so that it reads back. */
function cell(text: string): string {
  const harmless = /^'*[=+\-@]/.test(text) ? `'${text}` : text;
  return /[",;\t\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

export const isSame = (a: readonly Entry[], b: readonly Entry[]): boolean =>
  a.length === b.length && a.every((e, i) => e.plate === b[i]!.plate && e.note === b[i]!.note);
