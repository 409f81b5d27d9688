import type { StreamingStatus, StreamStatus } from "@/api/health";

/** One look at a stream. */
export interface Look {
  at: number;
  fps: number;
  packets: number;
  lost: number;
}

/** Ten minutes of looks, ten seconds apart. */
const most = 60;

/** Kept while the client is open, also when another page is looked at meanwhile. */
const looks = new Map<string, readonly Look[]>();

const keyOf = ({ cameraId, stream }: Pick<StreamStatus, "cameraId" | "stream">) => `${cameraId} ${stream}`;

/** A look at all streams; the same answer again is the same look. */
export function remember(status: StreamingStatus): void {
  const at = Date.parse(status.time);
  for (const stream of status.streams) {
    const key = keyOf(stream);
    looks.set(key, withLook(looks.get(key) ?? [], stream, at));
  }
}

export function withLook(before: readonly Look[], stream: StreamStatus, at: number): readonly Look[] {
  const last = before.at(-1);
  if (stream.packets == null || last?.at === at) return before;
  const look: Look = { at, fps: stream.fps ?? 0, packets: stream.packets, lost: stream.lostPackets ?? 0 };
  // Media was started anew and counts from nothing.
  const counts = last === undefined || (look.packets >= last.packets && look.lost >= last.lost);
  return [...(counts ? before : []), look].slice(-most);
}

export const looksAt = (stream: Pick<StreamStatus, "cameraId" | "stream">): readonly Look[] =>
  looks.get(keyOf(stream)) ?? [];

/** The part of the packets that never came, 0 to 1, over all the looks; null while nothing can be said. */
export function lossOf(history: readonly Look[]): number | null {
  const [first, last] = [history[0], history.at(-1)];
  if (!first || !last || first === last) return null;
  const lost = last.lost - first.lost;
  const all = last.packets - first.packets + lost;
  return all > 0 ? lost / all : null;
}
