/** A piece of a playlist: where it lies in the media and when it was recorded. The part of hls.js's `Fragment` that is needed here. */
export interface Piece {
  /** Media time, seconds. */
  start: number;
  duration: number;
  /** Unix milliseconds. */
  programDateTime: number | null;
}

/** Capture times are estimates: pieces that lie closer together than this follow each other. */
const joinMs = 600;

const endOf = (piece: Piece) => piece.programDateTime! + piece.duration * 1000;

/** Wall clock of a media time; null before anything is known. */
export function wallOf(pieces: readonly Piece[], media: number): number | null {
  const piece = pieces.findLast((p) => p.start <= media + 0.001) ?? pieces[0];
  return piece?.programDateTime == null ? null : piece.programDateTime + (media - piece.start) * 1000;
}

/** Media time at which a wall clock time is seen; null where nothing was recorded. */
export function mediaOf(pieces: readonly Piece[], at: number): number | null {
  for (const [i, piece] of pieces.entries()) {
    if (piece.programDateTime == null) continue;
    if (at < piece.programDateTime - joinMs) return null;
    const next = pieces[i + 1]?.programDateTime;
    // The small holes that estimates leave belong to the piece before them.
    const end = next != null && next - endOf(piece) <= joinMs ? next : endOf(piece);
    if (at < end) return piece.start + Math.min(piece.duration - 0.001, Math.max(0, at - piece.programDateTime) / 1000);
  }
  return null;
}

/** The time itself where there is footage, else the next in that direction; null where the playlist has none. */
export function nearestFootage(pieces: readonly Piece[], at: number, direction: 1 | -1): number | null {
  if (mediaOf(pieces, at) !== null) return at;
  const dated = pieces.filter((p) => p.programDateTime != null);
  if (direction > 0) return dated.find((p) => p.programDateTime! > at)?.programDateTime ?? null;
  const before = dated.findLast((p) => endOf(p) <= at + joinMs);
  return before ? Math.max(before.programDateTime!, endOf(before) - 200) : null;
}

/** Until when video goes on without a hole; the time itself where there is none. */
export function endOfRun(pieces: readonly Piece[], at: number): number {
  let end = at;
  for (const piece of pieces) {
    if (piece.programDateTime == null || endOf(piece) <= end) continue;
    if (piece.programDateTime - end > joinMs) break;
    end = endOf(piece);
  }
  return end;
}
