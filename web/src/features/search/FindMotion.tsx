import { Search as SearchIcon, Square } from "lucide-react";
import { useState } from "react";
import { useCameras } from "@/api/cameras";
import { CameraPicture } from "@/components/CameraPicture";
import { QueryError, Skeleton } from "@/components/States";
import { Button } from "@/components/ui/Button";
import { SelectField } from "@/components/ui/Field";
import { words as pageWords } from "@/components/words";
import { aspectOf } from "@/features/motion/aspect";
import { MotionProgress } from "@/features/motion/MotionProgress";
import { MotionResults } from "@/features/motion/MotionResults";
import { RegionEditor } from "@/features/motion/RegionEditor";
import type { MotionHit } from "@/features/motion/searchState";
import { useMotion } from "@/features/motion/useMotion";
import { formatWish, longestSearch, parseWish as parseMotion } from "@/features/motion/wish";
import { words as motionWords } from "@/features/motion/words";
import { MomentFrame } from "@/features/playback/MomentFrame";
import { MomentPlayback } from "@/features/playback/MomentPlayback";
import type { Span } from "@/timeline/footage";
import { second } from "@/timeline/scale";
import { TimeAxis } from "./TimeAxis";
import { TimeChoice } from "./TimeChoice";
import type { Search } from "./useSearch";
import { words } from "./words";

/** What changed in a region of one camera's picture, whether anything detected it or not. The search stands in the address: a link runs it. */
export function FindMotion({ search }: { search: Search }) {
  const cameras = useCameras();
  const all = cameras.data ?? [];
  const camera = all.find((c) => c.id === search.wish.cameras[0]) ?? all[0];
  if (cameras.isPending) return <Skeleton className="h-80" />;
  if (!camera)
    return <QueryError what={pageWords.theCameras} error={cameras.error} onRetry={() => void cameras.refetch()} />;
  return <OfCamera key={camera.id} search={search} cameraId={camera.id} all={all} />;
}

function OfCamera({
  search,
  cameraId,
  all,
}: {
  search: Search;
  cameraId: string;
  all: NonNullable<ReturnType<typeof useCameras>["data"]>;
}) {
  const camera = all.find((c) => c.id === cameraId)!;
  const [first] = useState(() => parseMotion(search.params()));
  const motion = useMotion(cameraId, first);
  const [chosen, setChosen] = useState<MotionHit | null>(null);
  const found = motion.search;
  const whole = found?.span ?? search.whole;
  const tooLong = search.shown.to - search.shown.from > longestSearch;

  const start = (span: Span) => {
    setChosen(null);
    const wish = { region: motion.region, sensitivity: motion.sensitivity, span };
    search.set({ motion: null, sensitivity: null, searched: null, ...Object.fromEntries(formatWish(wish).map(named)) });
    motion.start(span);
  };

  return (
    <div className="grid gap-4 lg:grid-cols-[minmax(0,1fr)_24rem]">
      <div className="@container min-w-0 space-y-4">
        <div className="flex flex-wrap items-end gap-2">
          <SelectField
            label={words.camera}
            value={cameraId}
            onChange={(e) => {
              motion.stop();
              search.set({ camera: e.target.value, motion: null, searched: null });
            }}
            className="max-md:w-full md:w-56"
          >
            {all.map((c) => (
              <option key={c.id} value={c.id}>
                {c.name}
              </option>
            ))}
          </SelectField>
          <div className="mb-1.5 max-md:mb-0 max-md:w-full">
            <TimeChoice
              time={search.wish.time}
              whole={search.whole}
              onChange={(time) => search.change({ time, narrow: null })}
            />
          </div>
          <SelectField
            label={motionWords.sensitivity}
            value={motion.sensitivity}
            onChange={(e) => motion.setSensitivity(Number(e.target.value))}
            className="max-md:w-full md:w-52"
          >
            {motionWords.sensitivities.map((name, i) => (
              <option key={name} value={i}>
                {name}
              </option>
            ))}
          </SelectField>
          {found?.phase === "running" ? (
            <Button className="mb-1.5 max-md:mb-0 max-md:h-11 max-md:w-full" onClick={motion.stop}>
              <Square /> {motionWords.stop}
            </Button>
          ) : (
            <Button
              variant="primary"
              className="mb-1.5 max-md:mb-0 max-md:h-11 max-md:w-full"
              disabled={tooLong}
              onClick={() => start(search.shown)}
            >
              <SearchIcon /> {motion.region ? motionWords.searchRegion : motionWords.searchWhole}
            </Button>
          )}
        </div>
        {tooLong && <p className="text-warn text-[13px]">{words.motionTooLong}</p>}
        {found && (
          <TimeAxis
            whole={whole}
            narrow={null}
            bars={found.hits.map((h) => ({ ...h, count: 1, height: h.score }))}
            chosenAt={chosen?.from ?? null}
            found={words.movements(found.hits.length)}
            onNarrow={(span) => span && start(span)}
          />
        )}
        {chosen && (
          <MomentFrame>
            <MomentPlayback key={chosen.from} camera={camera} moment={chosen.from} leadMs={second} />
          </MomentFrame>
        )}
        <div className="pictures relative overflow-hidden rounded-lg" style={{ aspectRatio: aspectOf(camera) }}>
          <CameraPicture camera={camera} width={1280} className="absolute inset-0 size-full" />
          <RegionEditor aspect={aspectOf(camera)} region={motion.region} onChange={motion.setRegion} />
        </div>
      </div>
      <section aria-label={motionWords.motionSearch} className="bg-panel self-start rounded-lg border">
        {found ? (
          <>
            <MotionProgress search={found} onRetry={() => start(found.span)} />
            <MotionResults
              camera={camera}
              search={found}
              chosen={chosen}
              onGo={setChosen}
              onFurther={() => start({ from: found.span.from, to: found.searchedTo })}
            />
          </>
        ) : (
          <p className="text-soft p-4 text-[13px] text-pretty">{words.motionLead}</p>
        )}
      </section>
    </div>
  );
}

/** "name=value" of an address. */
function named(text: string): [string, string] {
  const at = text.indexOf("=");
  return [text.slice(0, at), text.slice(at + 1)];
}
