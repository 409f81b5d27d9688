import { useEffect, useState } from "react";
import { LatestPicture, noPicture } from "./LatestPicture";

/** Decoded before it is shown: an `img` that is given it has it at once. */
function load(url: string): Promise<void> {
  const image = new Image();
  image.src = url;
  return image.decode();
}

/** The picture that is wanted now; see `LatestPicture`. */
export function usePicture(url: string | null) {
  const [state, setState] = useState(noPicture);
  const [picture] = useState(() => new LatestPicture(load, setState));
  useEffect(() => picture.want(url), [picture, url]);
  useEffect(() => () => picture.want(null), [picture]);
  return state;
}
