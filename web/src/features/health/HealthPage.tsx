import { useQuery } from "@tanstack/react-query";
import { Download, ShieldCheck } from "lucide-react";
import { useCameras } from "@/api/cameras";
import { api } from "@/api/client";
import type { Camera } from "@/api/types";
import { useMay } from "@/api/useMe";
import { cn } from "@/components/cn";
import { lastReadBack } from "@/components/readBackWords";
import { QueryError, Skeleton } from "@/components/States";
import { clock, forecastWords } from "@/components/time";
import { Button } from "@/components/ui/Button";
import { words as pageWords } from "@/components/words";
import { Attention } from "./Attention";
import { CameraHealth } from "./CameraHealth";
import { LastEvents } from "./LastEvents";
import { Services } from "./Services";
import { StoragePools } from "./StoragePools";
import { gigabytes, useStorage } from "./storage";
import { words } from "./words";
import { wordFor } from "@/i18n/catalogue";
import { number } from "@/i18n/formats";

/** One glance: is everything well, and if not, what is not. */
export function HealthPage() {
  const may = useMay();
  const cameras = useCameras();
  const all = cameras.data ?? [];
  const lost = all.reduce((sum, c) => sum + c.recording.lostSecondsToday, 0);
  return (
    <div className="mx-auto max-w-6xl space-y-8 p-4 md:p-8">
      <h1 className="text-xl font-semibold">{words.health}</h1>
      <Services />
      <section aria-label={words.today} className="grid gap-3 sm:grid-cols-2 md:grid-cols-4">
        {cameras.isPending ? (
          [0, 1, 2, 3].map((i) => <Skeleton key={i} className="h-28" />)
        ) : cameras.isError && !cameras.data ? (
          <div className="bg-panel rounded-lg border sm:col-span-2 md:col-span-4">
            <QueryError what={pageWords.theCameras} error={cameras.error} onRetry={() => void cameras.refetch()} />
          </div>
        ) : (
          <>
            <Figure
              value={`${all.filter((c) => c.state === "online").length} / ${all.length}`}
              label={words.camerasOnline}
            />
            <Figure
              value={String(all.filter((c) => c.recording.state === "recording").length)}
              label={words.camerasRecording}
            />
            <Figure
              value={words.lostSeconds(number(lost, lost < 10 && lost > 0 ? 1 : 0))}
              label={words.lostToday}
              bad={lost >= 1}
            />
            <Storage />
          </>
        )}
      </section>
      <Attention cameras={all} />
      <CameraHealth cameras={all} />
      <StoragePools />
      {may("events.read") && <LastEvents />}
      <ReadBackLine cameras={all} />
      {may("recordings.read") && <Signing />}
    </div>
  );
}

/** That recordings are there and play is not believed but tried, camera after camera. */
function ReadBackLine({ cameras }: { cameras: Camera[] }) {
  const last = lastReadBack(cameras);
  if (!last) return null;
  const result = wordFor(words.readBackResults, last.read.result);
  return (
    <p className="text-soft text-[13px] text-pretty" title={last.read.detail ?? undefined}>
      {words.readBack} <span className="tabular text-text">{clock(Date.parse(last.read.at))}</span>, {last.camera.name}:{" "}
      <span className={result ? "text-text" : "text-alarm"}>{result ?? words.readBackFailed}</span>
    </p>
  );
}

/** How long the disks last, and what of them is kept for clips, holds and bookmarks. */
function Storage() {
  const dashboard = useStorage();
  if (dashboard.isPending) return <Skeleton className="h-28" />;
  const storage = dashboard.data;
  const kept = storage?.keptBytes ? words.heldOrMarked(gigabytes(storage.keptBytes)) : "";
  if (storage?.forecastDays != null)
    return <Figure value={forecastWords(storage.forecastDays)} label={words.fitOnDisk(kept)} />;
  return (
    <Figure value={storage?.usedBytes != null ? gigabytes(storage.usedBytes) : "–"} label={words.ofRecordings(kept)} />
  );
}

/** The key that recordings are signed with: whoever is to check one needs it, best from another day and place. */
function Signing() {
  const key = useQuery({
    queryKey: ["integrity"],
    queryFn: ({ signal }) => api.get("/api/integrity", { signal }),
    staleTime: Infinity,
    retry: 1,
  });
  if (key.isPending) return <Skeleton className="h-24" />;
  if (key.isError)
    return (
      <section className="bg-panel text-soft rounded-lg border p-4 text-[13px]">
        {words.noKey(key.error.message)}
      </section>
    );
  const { keyId, publicKey } = key.data;
  const download = () => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([publicKey], { type: "application/x-pem-file" }));
    link.download = `vms-${keyId}.pub`;
    link.click();
    URL.revokeObjectURL(link.href);
  };
  return (
    <section className="bg-panel flex flex-wrap items-center justify-between gap-x-6 gap-y-3 rounded-lg border p-4">
      <div className="min-w-0 flex-1 basis-72">
        <h2 className="flex items-center gap-2 font-medium">
          <ShieldCheck className="text-good size-4" aria-hidden />
          {words.signed}
        </h2>
        <p className="text-soft mt-1 text-[13px] text-pretty">
          {words.signedDetail} <span className="tabular text-text whitespace-nowrap">{keyId}</span>
        </p>
      </div>
      <Button size="sm" onClick={download}>
        <Download aria-hidden /> {words.publicKey}
      </Button>
    </section>
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
