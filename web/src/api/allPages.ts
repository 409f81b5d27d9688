/** A list to its end: for those that are short enough to be shown whole. */
export async function allPages<T>(each: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of each) items.push(item);
  return items;
}
