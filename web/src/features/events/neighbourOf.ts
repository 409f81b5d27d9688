/**
 * What stands before or after it in a list of the newest first. What is open may have left the list, or come of a link: the nearest in time are next to it.
 * @param place In the list; −1: not there.
 */
export function neighbourOf<T extends { at: string }>(
  items: readonly T[],
  place: number,
  opened: T | undefined,
  by: 1 | -1,
): T | undefined {
  if (place >= 0) return items[place + by];
  const after = opened ? items.findIndex((i) => Date.parse(i.at) <= Date.parse(opened.at)) : -1;
  return after < 0 ? undefined : items[by > 0 ? after : after - 1];
}
