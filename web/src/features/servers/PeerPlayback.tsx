import { useMemo, useRef, useState } from "react";
import type { Camera } from "@/api/types";
import { NoTimeline } from "@/features/playback/NoTimeline";
import { peerArchive } from "@/features/playback/archive";
import { parseAddress } from "@/features/playback/address";
import { PlaybackTile } from "@/features/playback/PlaybackTile";
import { useFootage } from "@/features/playback/queries";
import { TimeField } from "@/features/playback/TimeField";
import { Speed, Transport } from "@/features/playback/Transport";
import { usePlayback } from "@/features/playback/usePlayback";
import { rememberedVolume, rememberVolume } from "@/player/volume";
import { noFootage } from "@/timeline/footage";
import { TimelineView } from "@/timeline/TimelineView";

/** Small pictures along the timeline stay on the server that has them. */
const noPreview = () => null;

/** The recordings of a camera of another server, with this server's player: timeline, playlists and samples come straight from there. */
export function PeerPlayback({
  server,
  camera,
  at,
}: {
  server: string;
  camera: Pick<Camera, "id" | "name" | "streams">;
  /** Null: a moment ago. */
  at: number | null;
}) {
  const archive = useMemo(() => peerArchive(server), [server]);
  const all = useMemo(() => [camera], [camera]);
  const [first] = useState(() => ({ ...parseAddress(new URLSearchParams({ camera: camera.id })), at }));
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
          previewUrl={noPreview}
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
            previewUrl={noPreview}
          />
        )}
      </div>
    </div>
  );
}
