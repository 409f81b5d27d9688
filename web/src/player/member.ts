import type { PlaybackPlayer } from "./PlaybackPlayer";

/** What the group needs of a player. */
export type Member = Pick<
  PlaybackPlayer,
  "at" | "busy" | "failed" | "ended" | "knows" | "has" | "nearest" | "endOfRun" | "place" | "run" | "hold" | "step"
>;

/** What the group is doing. */
export interface GroupState {
  playing: boolean;
  /** Asked for; negative backwards. */
  rate: number;
  /** Whether single pictures are sought instead of playing. */
  seeking: boolean;
}
