/** A window that was closed in the middle of it holds the others up no longer than this. */
const forgottenMs = 10_000;

/** Long enough for what another window wrote at the same moment to be seen. */
const settleMs = 40;

const delay = (ms: number) => new Promise((done) => setTimeout(done, ms));

/**
 * Runs the work in one window of this browser after the other, where there are no Web Locks: who finds its own name in the store a moment after
 * it wrote it there goes on.
 * @param lockKey works of another kind do not wait for each other
 */
export async function oneWindowAtATime<T>(work: () => Promise<T>, lockKey = "vms.refreshing"): Promise<T> {
  const name = `${Date.now()}-${Math.random()}`;
  for (;;) {
    const until = Number(localStorage.getItem(lockKey)?.split(" ")[1] ?? 0);
    if (until > Date.now() && until <= Date.now() + forgottenMs) {
      await delay(settleMs);
      continue;
    }
    localStorage.setItem(lockKey, `${name} ${Date.now() + forgottenMs}`);
    await delay(settleMs * (1 + Math.random()));
    if (holds(lockKey, name)) break;
  }
  try {
    return await work();
  } finally {
    if (holds(lockKey, name)) localStorage.removeItem(lockKey);
  }
}

const holds = (lockKey: string, name: string) => localStorage.getItem(lockKey)?.split(" ")[0] === name;
