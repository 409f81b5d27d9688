import { CameraOff, Lock } from "lucide-react";
import { useCallback, useState } from "react";
import { previewUrl, usePictureTicket } from "@/api/recordedPictures";
import type { Camera } from "@/api/types";
import { useMayFor } from "@/api/useMe";
import { EmptyState } from "@/components/States";
import { ownArchive } from "@/features/playback/archive";
import { SinglePlayback } from "@/features/playback/SinglePlayback";
import type { PreviewPlace } from "@/timeline/preview";
import { centreInPast, minute } from "@/timeline/scale";
import { leadMs } from "./moment";
import { words } from "./words";

/** Plays what was recorded of a moment, from a few seconds before it; where there is nothing, the tile says why. To be made anew for another one. */
export function Moment({ camera, at }: { camera: Camera | undefined; at: string }) {
  const mayPlay = useMayFor();
  const may = camera !== undefined && mayPlay("recordings.read", camera);
  const ticket = usePictureTicket(may);
  const pictureOf = useCallback(
    (cameraId: string, place: PreviewPlace) => ticket && previewUrl(cameraId, place.at, place.within, ticket),
    [ticket],
  );
  const moment = Date.parse(at);
  const [view] = useState(() => centreInPast({ from: 0, to: 2 * minute }, moment, Date.now()));
  if (!camera) return <EmptyState icon={<CameraOff />} title={words.cameraGone} detail={words.cameraGoneDetail} />;
  if (!may) return <EmptyState icon={<Lock />} title={words.mayNotPlay} detail={words.mayNotPlayDetail(camera.name)} />;
  return (
    <SinglePlayback camera={camera} at={moment - leadMs} view={view} archive={ownArchive} previewUrl={pictureOf} />
  );
}
