/** As far as a query tells why it has nothing to show. */
interface Asked {
  error: Error | null;
  failureCount: number;
  failureReason: Error | null;
}

/** Once may be chance; who waits for longer is told why. */
const toldAfter = 2;

/** Why there is nothing to show: also of a query that goes on asking, which is no reason to show a skeleton for longer. */
export const failureOf = ({ error, failureCount, failureReason }: Asked): Error | null =>
  error ?? (failureCount >= toldAfter ? failureReason : null);
