import type { PlaybackPlayer } from "./PlaybackPlayer";

/** What the group needs of a player. */
export type Member = Pick<
  PlaybackPlayer,
  | "at"
  | "busy"
  | "failed"
  | "ended"
  | "smooth"
  | "knows"
  | "has"
  | "nearest"
  | "endOfRun"
  | "place"
  | "show"
  | "run"
  | "hold"
  | "step"
>;

/** What the group is doing. */
export interface GroupState {
  playing: boolean;
  /** Asked for; negative backwards. */
  rate: number;
  /** Whether single pictures are shown one after the other instead of playing. */
  seeking: boolean;
}
