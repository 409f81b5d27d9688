import { onFeed, sayOnFeed, type FeedMessage } from "./feed";

/** An object that analysis follows, as it was in one picture. */
export interface FoundObject {
  id: string;
  class: string;
  /** 0 to 1. */
  confidence: number;
  /** Left, top, width and height: parts of the picture, 0 to 1. */
  box: readonly [x: number, y: number, width: number, height: number];
  moving: boolean;
}

/** What was found in one picture of a camera; nothing: what was there before is gone. */
export interface TracksMessage extends FeedMessage {
  cameraId: string;
  stream: string;
  /** When the picture was captured, Unix microseconds on the server. */
  at: number;
  tracks: readonly FoundObject[];
}

/** The server tells one listener of no more cameras. */
export const maxWatched = 64;

type Listener = (message: TracksMessage) => void;
const watched = new Map<string, Set<Listener>>();
let stopListening: (() => void) | null = null;
let planned = false;

/** Hears what is found in the pictures of a camera, while it is found. Whoever may not see the camera live hears nothing. */
export function watchTracks(cameraId: string, listener: Listener): () => void {
  watched.set(cameraId, (watched.get(cameraId) ?? new Set()).add(listener));
  plan();
  return () => {
    const listeners = watched.get(cameraId);
    listeners?.delete(listener);
    if (listeners?.size === 0) watched.delete(cameraId);
    plan();
  };
}

/** Told once when many tiles come and go in the same moment. */
function plan() {
  if (planned) return;
  planned = true;
  queueMicrotask(() => {
    planned = false;
    tellServer();
    if (watched.size > 0 && !stopListening) {
      const stops = [
        onFeed<TracksMessage>("tracks", (message) => watched.get(message.cameraId)?.forEach((hear) => hear(message))),
        // Whoever opens a new connection has watched nothing before.
        onFeed("open", tellServer),
      ];
      stopListening = () => stops.forEach((stop) => stop());
    } else if (watched.size === 0) {
      stopListening?.();
      stopListening = null;
    }
  });
}

function tellServer() {
  sayOnFeed({ type: "tracks.watch", cameraIds: [...watched.keys()].slice(0, maxWatched) } as FeedMessage);
}
