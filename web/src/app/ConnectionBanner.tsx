import { useQuery } from "@tanstack/react-query";
import { isServerTimeKnown, noteServerTime } from "@/api/serverClock";
import { words } from "./words";

/** Says when the server is away. Live pictures come straight from the media plane and go on meanwhile. */
export function ConnectionBanner() {
  const health = useQuery({
    queryKey: ["health"],
    queryFn: async ({ signal }) => {
      const sentAt = performance.now();
      const response = await fetch("/health", { signal });
      const receivedAt = performance.now();
      if (!response.ok) throw new Error(`${response.status}`);
      noteServerTime(((await response.json()) as { time: string }).time, sentAt, receivedAt);
      return true;
    },
    refetchInterval: () => (isServerTimeKnown() ? 5_000 : 500),
    retry: 1,
    retryDelay: 1_000,
  });
  if (!health.isError) return null;
  return (
    <div role="status" className="bg-warn/15 text-warn px-4 py-2 text-center text-[13px]">
      {words.serverAway}
    </div>
  );
}
