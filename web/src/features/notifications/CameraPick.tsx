import { useState } from "react";
import { useCameras } from "@/api/cameras";
import { ListSkeleton } from "@/components/ListSkeleton";
import { QueryError } from "@/components/States";
import { Check } from "@/components/ui/Check";
import { words as pageWords } from "@/components/words";
import { words } from "./words";

/** Cameras to tick, those that are chosen first as they were when it opened. */
export function CameraPick({ chosen, onChange }: { chosen: readonly string[]; onChange: (ids: string[]) => void }) {
  const cameras = useCameras();
  const [filter, setFilter] = useState("");
  const [first] = useState(() => new Set(chosen));
  if (cameras.isPending) return <ListSkeleton lines={3} className="h-8" />;
  if (cameras.isError && !cameras.data)
    return <QueryError what={pageWords.theCameras} error={cameras.error} onRetry={() => void cameras.refetch()} />;
  const sought = filter.trim().toLocaleLowerCase();
  const gone = chosen.filter((id) => !cameras.data.some((c) => c.id === id));
  const shown = cameras.data
    .filter((c) => c.name.toLocaleLowerCase().includes(sought))
    .sort((a, b) => Number(first.has(b.id)) - Number(first.has(a.id)) || a.name.localeCompare(b.name));
  const toggle = (id: string, wanted: boolean) =>
    onChange(wanted ? [...chosen, id] : chosen.filter((other) => other !== id));
  return (
    <div className="mt-1">
      <input
        type="search"
        aria-label={words.filterCameras}
        placeholder={words.filterCameras}
        value={filter}
        onChange={(e) => setFilter(e.target.value)}
        className="bg-ground placeholder:text-faint mb-1 h-9 w-full rounded-md border px-3 max-md:h-11"
      />
      <div className="max-h-60 overflow-y-auto">
        {shown.length === 0 && <p className="text-soft py-2 text-[13px]">{words.noCameraLike(filter)}</p>}
        <div className="grid gap-x-6 sm:grid-cols-2">
          {shown.map(({ id, name }) => (
            <Check key={id} label={name} checked={chosen.includes(id)} onChange={(e) => toggle(id, e.target.checked)} />
          ))}
          {gone.map((id) => (
            <Check key={id} label={words.unknownCamera(id)} checked onChange={() => toggle(id, false)} />
          ))}
        </div>
      </div>
    </div>
  );
}
