import type { PlayerError, Way } from "./playerState";

/** One attempt to show a live stream in a video element, by one transport. Ends once, by `onEnd` or by `close`. */
export interface LiveSession {
  /** Stops and lets go of the element. No callback comes after it. */
  close(): void;
  /** The transport stands: a frame that the element shows now is of this session. */
  connected(): boolean;
  /** When the frame that is being shown was captured, Unix milliseconds on the server's clock; null while that is not known. */
  captureTime(frame: VideoFrameCallbackMetadata): number | null;
  /** Brings the sound, or no longer, without a break in the picture. False: only a new session can. */
  hear(on: boolean): boolean;
}

export interface SessionEvents {
  /** The session is over; the player decides what comes next. `permanent`: this transport will never play this stream here. */
  onEnd(error: PlayerError, permanent: boolean): void;
  /** WebRTC: how the packets come now. */
  onWay?(way: Way): void;
}

/** The address that worked comes first the next time. In place: the player keeps the list as long as its ticket. */
export function prefer(urls: string[], index: number): void {
  urls.unshift(...urls.splice(index, 1));
}
