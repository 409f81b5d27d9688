import Hls, { type ErrorData } from "hls.js";

/** The format in which the browser refused the recording; null for any other error. */
export function unplayableFormat(data: ErrorData): string | null {
  if (
    data.details !== Hls.ErrorDetails.BUFFER_ADD_CODEC_ERROR &&
    data.details !== Hls.ErrorDetails.BUFFER_INCOMPATIBLE_CODECS_ERROR
  )
    return null;
  return /codecs="?([^"; ]+)/.exec(data.mimeType ?? "")?.[1] ?? "";
}
