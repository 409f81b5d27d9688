import { HardDrive } from "lucide-react";
import { useState } from "react";
import { QueryError, Skeleton } from "@/components/States";
import { forecastWords } from "@/components/time";
import { Button } from "@/components/ui/Button";
import { SelectField, TextField } from "@/components/ui/Field";
import { gigabytes, poolFill, poolTrouble, useStorage } from "@/features/health/storage";
import { daysOf, qualities, roomOf, type Quality } from "./room";
import { StepTitle } from "./SetupFrame";
import { words } from "./words";

const usualCameras = 8;

/** The disks that recordings go to, and how long they will last. */
export function StorageStep({ onDone, onLeave }: { onDone: () => void; onLeave: () => void }) {
  const storage = useStorage();
  const [cameras, setCameras] = useState(usualCameras);
  const [quality, setQuality] = useState<Quality>("fullHd");
  const pools = storage.data?.pools ?? [];
  const room = roomOf(pools);
  const days = daysOf(room, cameras, qualities.find((q) => q.name === quality)!.bitsPerSecond);
  return (
    <>
      <StepTitle title={words.storage} detail={words.storageDetail} />
      {storage.isPending ? (
        <Skeleton className="h-24" />
      ) : storage.isError ? (
        <QueryError what={words.theStorage} error={storage.error} onRetry={() => void storage.refetch()} />
      ) : pools.length === 0 ? (
        <p role="status" className="text-soft">
          {words.storageStarting}
        </p>
      ) : (
        <ul className="divide-y rounded-lg border">
          {pools.map((pool) => (
            <li key={pool.name} className="space-y-2 p-4">
              <div className="flex flex-wrap items-baseline justify-between gap-x-4">
                <span className="flex items-center gap-2 font-medium">
                  <HardDrive className="text-soft size-4" aria-hidden />
                  {pool.name === "main" ? words.mainDisk : pool.name}
                </span>
                <span className="text-soft tabular text-[13px]">
                  {poolTrouble(pool) ? (
                    <span className="text-alarm">{poolTrouble(pool)}</span>
                  ) : (
                    words.free(gigabytes(pool.freeBytes ?? 0), gigabytes(pool.capacityBytes ?? 0))
                  )}
                </span>
              </div>
              <div className="bg-line h-1.5 overflow-hidden rounded-full" aria-hidden>
                <div className="bg-accent h-full rounded-full" style={{ width: `${poolFill(pool) * 100}%` }} />
              </div>
            </li>
          ))}
        </ul>
      )}
      {room > 0 && (
        <div className="bg-raised/60 mt-4 rounded-lg p-4">
          <p className="mb-3 text-base">
            {words.holds} <strong className="tabular font-semibold">{forecastWords(days)}</strong>
          </p>
          <div className="grid gap-4 sm:grid-cols-2">
            <TextField
              label={words.howMany}
              type="number"
              min={1}
              max={1000}
              value={cameras}
              onChange={(e) => setCameras(Math.max(1, Math.min(1000, Number(e.target.value) || 1)))}
            />
            <SelectField label={words.quality} value={quality} onChange={(e) => setQuality(e.target.value as Quality)}>
              {qualities.map(({ name }) => (
                <option key={name} value={name}>
                  {words.qualities[name]}
                </option>
              ))}
            </SelectField>
          </div>
          <p className="text-faint text-[13px]">{words.holdsHint}</p>
        </div>
      )}
      <p className="text-soft mt-4 text-[13px]">{words.moreDisks}</p>
      <div className="mt-6 flex flex-wrap justify-end gap-2">
        <Button size="touch" variant="ghost" onClick={onLeave}>
          {words.later}
        </Button>
        <Button size="touch" variant="primary" onClick={onDone}>
          {words.next}
        </Button>
      </div>
    </>
  );
}
