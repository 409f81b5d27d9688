import { useCallback, useState } from "react";
import { previewUrl, usePictureTicket } from "@/api/recordedPictures";
import type { Camera } from "@/api/types";
import type { PreviewPlace } from "@/timeline/preview";
import { centreInPast, minute } from "@/timeline/scale";
import { ownArchive } from "./archive";
import { SinglePlayback } from "./SinglePlayback";

/** What was recorded of a moment, from a little before it; where there is nothing, the picture says why. To be made anew for another one. */
export function MomentPlayback({
  camera,
  moment,
  leadMs,
}: {
  camera: Camera;
  moment: number;
  /** It plays from so long before it. */
  leadMs: number;
}) {
  const ticket = usePictureTicket();
  const pictureOf = useCallback(
    (cameraId: string, place: PreviewPlace) => ticket && previewUrl(cameraId, place.at, place.within, ticket),
    [ticket],
  );
  const [view] = useState(() => centreInPast({ from: 0, to: 2 * minute }, moment, Date.now()));
  return (
    <SinglePlayback camera={camera} at={moment - leadMs} view={view} archive={ownArchive} previewUrl={pictureOf} />
  );
}
