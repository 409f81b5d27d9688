import { useQuery } from "@tanstack/react-query";
import { useCameras } from "@/api/cameras";
import { call } from "@/api/client";
import { cn } from "@/components/cn";
import { stateWords, toneText } from "@/components/cameraWords";
import { Skeleton } from "@/components/States";

const planes = [
  { id: "control", name: "Control", does: "API, users, this page" },
  { id: "media", name: "Media", does: "cameras and live view" },
  { id: "recorder", name: "Recorder", does: "recording and playback" },
  { id: "ai", name: "Analytics", does: "detection" },
];

/** One glance: is everything well, and if not, what is not. */
export function HealthPage() {
  const cameras = useCameras();
  const all = cameras.data ?? [];
  const lost = all.reduce((sum, c) => sum + c.recording.lostSecondsToday, 0);
  const troubled = all.filter((c) => ["alarm", "warn"].includes(stateWords(c).tone));
  return (
    <div className="mx-auto max-w-5xl space-y-8 p-4 md:p-8">
      <h1 className="text-xl font-semibold">Health</h1>
      <section aria-label="Services" className="grid grid-cols-2 gap-3 md:grid-cols-4">
        {planes.map((plane) => (
          <PlaneCard key={plane.id} {...plane} />
        ))}
      </section>
      <section aria-label="Today" className="grid gap-3 md:grid-cols-3">
        {cameras.isPending ? (
          [0, 1, 2].map((i) => <Skeleton key={i} className="h-28" />)
        ) : (
          <>
            <Figure
              value={`${all.filter((c) => c.state === "online").length} / ${all.length}`}
              label="cameras online"
            />
            <Figure
              value={String(all.filter((c) => c.recording.state === "recording").length)}
              label="cameras recording"
            />
            <Figure
              value={`${lost.toFixed(lost < 10 && lost > 0 ? 1 : 0)} s`}
              label="of recording lost today"
              bad={lost >= 1}
            />
          </>
        )}
      </section>
      {troubled.length > 0 && (
        <section>
          <h2 className="mb-3 font-semibold">Needs attention</h2>
          <ul className="bg-panel divide-y rounded-lg border">
            {troubled.map((camera) => {
              const words = stateWords(camera);
              return (
                <li key={camera.id} className="flex flex-wrap items-baseline justify-between gap-x-4 px-4 py-3">
                  <span className="font-medium">{camera.name}</span>
                  <span className="text-soft text-[13px]">
                    <span className={toneText[words.tone]}>{words.text}</span>
                    {words.why && <> · {words.why}</>}
                  </span>
                </li>
              );
            })}
          </ul>
        </section>
      )}
    </div>
  );
}

function PlaneCard({ id, name, does }: { id: string; name: string; does: string }) {
  const health = useQuery({
    queryKey: ["plane", id],
    queryFn: async ({ signal }) =>
      (await call<{ ready: boolean }>("GET", `/health/planes/${id}`, undefined, signal)).ready,
    refetchInterval: 3_000,
    retry: false,
  });
  const well = health.data === true;
  return (
    <div className="bg-panel rounded-lg border p-4">
      <div className="flex items-center gap-2 font-medium">
        <span
          className={cn("size-2 rounded-full", health.isPending ? "bg-faint" : well ? "bg-good" : "bg-alarm")}
          aria-hidden
        />
        {name}
      </div>
      <p className="text-soft mt-1 text-[13px]">{health.isPending ? "…" : well ? does : "restarting"}</p>
    </div>
  );
}

function Figure({ value, label, bad = false }: { value: string; label: string; bad?: boolean }) {
  return (
    <div className="bg-panel rounded-lg border p-5">
      <div className={cn("tabular text-3xl font-semibold", bad && "text-alarm")}>{value}</div>
      <div className="text-soft mt-1 text-[13px]">{label}</div>
    </div>
  );
}
