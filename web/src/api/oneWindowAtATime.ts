const lockKey = "vms.refreshing";

/** A window that was closed in the middle of it holds the others up no longer than this. */
const forgottenMs = 10_000;

/** Long enough for what another window wrote at the same moment to be seen. */
const settleMs = 40;

const delay = (ms: number) => new Promise((done) => setTimeout(done, ms));

/**
 * Runs the work in one window of this browser after the other, where there are no Web Locks: who finds its own name in the store a moment after
 * it wrote it there goes on.
 */
export async function oneWindowAtATime<T>(work: () => Promise<T>): Promise<T> {
  const name = `${Date.now()}-${Math.random()}`;
  for (;;) {
    const until = Number(localStorage.getItem(lockKey)?.split(" ")[1] ?? 0);
    if (until > Date.now() && until <= Date.now() + forgottenMs) {
      await delay(settleMs);
      continue;
    }
    localStorage.setItem(lockKey, `${name} ${Date.now() + forgottenMs}`);
    await delay(settleMs * (1 + Math.random()));
    if (holds(name)) break;
  }
  try {
    return await work();
  } finally {
    if (holds(name)) localStorage.removeItem(lockKey);
  }
}

const holds = (name: string) => localStorage.getItem(lockKey)?.split(" ")[0] === name;
