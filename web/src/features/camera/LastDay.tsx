import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { api } from "@/api/client";
import type { Camera } from "@/api/types";
import { cn } from "@/components/cn";
import { Skeleton } from "@/components/States";
import { clock } from "@/components/time";
import { Card } from "./Card";
import { runs, stretches } from "./lastDay";
import { words } from "./words";

const dayMs = 86_400_000;
/** Of five minutes each. */
const count = 288;

const looks = { recorded: "bg-good", lost: "bg-alarm", nothing: "bg-line" } as const;

/** One glance at the last 24 hours: recorded, lost, not wanted. */
export function LastDay({ camera }: { camera: Camera }) {
  const day = useQuery({
    queryKey: ["last-day", camera.id],
    refetchInterval: 60_000,
    queryFn: async ({ signal }) => {
      const to = Date.now();
      const from = to - dayMs;
      const query = { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
      const timeline = await api.get("/api/cameras/{id}/timeline", { path: { id: camera.id }, query, signal });
      return { from, to, timeline };
    },
  });
  const { data } = day;
  const strip = data ? runs(stretches(data.timeline, data.from, data.to, count)) : [];
  const lost = strip.filter((r) => r.kind === "lost").length;
  return (
    <Card
      title={words.lastDay}
      action={
        <Link to={`/playback?camera=${camera.id}`} className="text-accent text-[13px] hover:underline">
          {words.playback}
        </Link>
      }
    >
      {data ? (
        <>
          <div
            role="img"
            aria-label={lost === 0 ? words.nothingLost : words.losses(lost)}
            className="flex h-6 overflow-hidden rounded"
          >
            {strip.map((run, i) => (
              <span
                key={i}
                style={{ flexGrow: run.count }}
                title={words.stretch[run.kind]}
                className={cn("min-w-px", looks[run.kind])}
              />
            ))}
          </div>
          <div className="text-faint tabular mt-1 flex justify-between text-[12px]">
            <span>{clock(data.from).slice(0, 5)}</span>
            <span className={lost > 0 ? "text-alarm" : undefined}>
              {lost === 0 ? words.nothingLost : words.losses(lost)}
            </span>
            <span>{words.now}</span>
          </div>
        </>
      ) : day.isError ? (
        <p className="text-warn text-[13px]">{day.error.message}</p>
      ) : (
        <Skeleton className="h-10" />
      )}
    </Card>
  );
}
