import { useMemo, useRef, useState } from "react";
import type { Camera } from "@/api/types";
import { rememberedVolume, rememberVolume } from "@/player/volume";
import { noFootage } from "@/timeline/footage";
import type { PreviewPlace } from "@/timeline/preview";
import type { View } from "@/timeline/scale";
import { TimelineView } from "@/timeline/TimelineView";
import { parseAddress } from "./address";
import type { Archive } from "./archive";
import { NoTimeline } from "./NoTimeline";
import { PlaybackTile } from "./PlaybackTile";
import { useFootage } from "./queries";
import { TimeField } from "./TimeField";
import { Speed, Transport } from "./Transport";
import { usePlayback } from "./usePlayback";

/** One camera's recordings within another page: picture, transport and timeline, and nothing in the address. */
export function SinglePlayback({
  camera,
  at,
  view: begin = null,
  archive,
  previewUrl,
}: {
  camera: Pick<Camera, "id" | "name" | "streams">;
  /** From where it plays; null: a moment ago. */
  at: number | null;
  /** What the timeline shows at first; null: the hour around it. */
  view?: View | null;
  archive: Archive;
  previewUrl: (cameraId: string, place: PreviewPlace) => string | null;
}) {
  const all = useMemo(() => [camera], [camera]);
  const [first] = useState(() => ({ ...parseAddress(new URLSearchParams({ camera: camera.id })), at, view: begin }));
  const { cameras, view, range, state, group, sought, cursorAt, actions } = usePlayback(all, first, archive);
  const { footage, error, refetch } = useFootage(cameras, view, archive);
  const timeField = useRef<HTMLButtonElement>(null);
  const [heard, setHeard] = useState(false);
  const [volume, setVolume] = useState(rememberedVolume);
  const known = footage.get(camera.id) ?? noFootage;
  const lanes = useMemo(
    () => [{ cameraId: camera.id, name: camera.name, footage: known, kept: [], found: [] }],
    [camera, known],
  );
  return (
    <div className="pictures flex h-full flex-col">
      <div className="grid min-h-0 flex-1 bg-black">
        <PlaybackTile
          camera={camera}
          archive={archive}
          group={group}
          sought={sought}
          previewUrl={previewUrl}
          footage={known}
          several={false}
          active
          onActive={() => undefined}
          onFootage={actions.goToFootage}
          heard={heard}
          volume={volume}
          onHear={setHeard}
          onVolume={(loud) => {
            setVolume(loud);
            rememberVolume(loud);
          }}
        />
      </div>
      <div className="bg-panel border-t px-3 pt-2 pb-2 max-md:px-2">
        <div className="mb-2 flex flex-wrap items-center justify-between gap-2">
          <Transport state={state} actions={actions} />
          <Speed state={state} group={group} onSpeed={actions.setSpeed} />
          <TimeField ref={timeField} cursorAt={cursorAt} playing={state.playing} onGo={actions.seek} />
        </div>
        {error && known === noFootage ? (
          <NoTimeline error={error} onRetry={refetch} />
        ) : (
          <TimelineView
            view={view}
            lanes={lanes}
            cursorAt={cursorAt}
            onSeek={actions.seek}
            onScrub={actions.scrub}
            range={range}
            previewUrl={previewUrl}
          />
        )}
      </div>
    </div>
  );
}
