/** Decoded pictures of all tiles together: half of what a tab may well take on a small computer. */
const totalBytes = 384 * 2 ** 20;

const users = new Set<object>();

/** Takes part in the budget until the returned function is called. */
export function shareBudget(user: object): () => void {
  users.add(user);
  return () => users.delete(user);
}

/** How many bytes of decoded pictures each may keep at the moment. */
export function budgetShare(): number {
  return totalBytes / Math.max(1, users.size);
}
