import { useCallback, useState } from "react";
import { previewUrl, usePictureTicket } from "@/api/recordedPictures";
import type { Camera } from "@/api/types";
import { parseAddress } from "@/features/playback/address";
import { PlaybackTile } from "@/features/playback/PlaybackTile";
import { useFootage } from "@/features/playback/queries";
import { Transport } from "@/features/playback/Transport";
import { usePlayback } from "@/features/playback/usePlayback";
import { rememberedVolume, rememberVolume } from "@/player/volume";
import { noFootage } from "@/timeline/footage";
import type { PreviewPlace } from "@/timeline/preview";

/** Plays what was recorded from a moment on, or says why there is nothing. To be made anew for another one. */
export function MomentPlayer({ camera, at }: { camera: Camera; at: number }) {
  const [first] = useState(() => ({ ...parseAddress(new URLSearchParams({ camera: camera.id })), at }));
  const { cameras, view, state, group, sought, actions } = usePlayback([camera], first);
  const { footage } = useFootage(cameras, view);
  const ticket = usePictureTicket();
  const pictureOf = useCallback(
    (id: string, { at: of, within }: PreviewPlace) => ticket && previewUrl(id, of, within, ticket),
    [ticket],
  );
  const [heard, setHeard] = useState(false);
  const [volume, setVolume] = useState(rememberedVolume);
  return (
    <div className="pictures overflow-hidden rounded-lg">
      <div className="grid aspect-video bg-black">
        <PlaybackTile
          camera={camera}
          group={group}
          sought={sought}
          previewUrl={pictureOf}
          footage={footage.get(camera.id) ?? noFootage}
          several={false}
          active
          onActive={actions.toggle}
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
      <div className="bg-panel flex justify-center border-x border-b py-0.5">
        <Transport state={state} actions={actions} />
      </div>
    </div>
  );
}
