/** What is chosen of a list: with Shift all from the one before. */
export interface Selection {
  ids: ReadonlySet<string>;
  /** Where a range begins. */
  last: string | null;
}

export const nothing: Selection = { ids: new Set(), last: null };

export function chosen(
  selection: Selection,
  list: readonly string[],
  id: string,
  on: boolean,
  range: boolean,
): Selection {
  const ids = new Set(selection.ids);
  const [from, to] = [selection.last === null ? -1 : list.indexOf(selection.last), list.indexOf(id)];
  const meant = range && from >= 0 ? list.slice(Math.min(from, to), Math.max(from, to) + 1) : [id];
  meant.forEach((one) => (on ? ids.add(one) : ids.delete(one)));
  return { ids, last: id };
}

/** Whoever typed part of a name or an address means these. */
export function matches(camera: { name: string; mainUrl: string }, query: string): boolean {
  const parts = query.toLowerCase().split(/\s+/).filter(Boolean);
  const text = `${camera.name} ${camera.mainUrl}`.toLowerCase();
  return parts.every((part) => text.includes(part));
}
