import { groupsFor, whole, type ReadMode } from "./howToRead";
import type { RecordedGroup } from "./RecordedGroup";
import { RecordedGroups } from "./RecordedGroups";
import { SamplesConnection } from "./SamplesConnection";

/** Encoded samples kept for one tile. */
const mostEncodedBytes = 24 * 2 ** 20;
/** Footage grows: what was missing at the end may be there after this. */
const growsMs = 2_000;
/** Keyframes further apart have a gap between them. */
const longestGroupMs = 20_000;
/** The read that runs will come to what is wanted, if that is no further away than this. */
const nearUs = 30e6;

/** Which picture is to be seen. */
export interface Wanted {
  /** Wall clock, UTC microseconds. */
  atUs: number;
  /** At which time runs; 0 while one picture rests. */
  rate: number;
  direction: 1 | -1;
}

export interface GroupReadingEvents {
  /** A group has come, or a read is over. */
  onChange: () => void;
  /** A group is not kept any longer. */
  onGone: (group: RecordedGroup) => void;
  /** The server cannot be reached, or has a problem. */
  onFail: () => void;
}

/** Reads the groups of one camera that are wanted, and those beside them, one read at a time, and keeps them for a while. */
export class GroupReading {
  readonly #connection: SamplesConnection;
  readonly #groups: RecordedGroups;
  #running: { atUs: number; direction: 1 | -1 } | null = null;
  #groupMs: number | null = null;

  /** @param url WebSocket address of the samples. */
  constructor(
    url: () => Promise<string>,
    readonly events: GroupReadingEvents,
  ) {
    this.#connection = new SamplesConnection(url);
    this.#groups = new RecordedGroups(mostEncodedBytes, events.onGone);
  }

  /** How long a group is, as far as was seen. */
  get groupMs(): number | null {
    return this.#groupMs;
  }

  at(atUs: number): RecordedGroup | null {
    return this.#groups.at(atUs);
  }

  trim(aroundUs: number): void {
    this.#groups.trim(aroundUs);
  }

  /** Nothing of what was read is of use any more, nor what is still being read. */
  clear(): void {
    this.#running = null;
    this.#groups.clear();
  }

  close(): void {
    this.#connection.close();
  }

  /** Reads the group that is seen at a time; the read that runs goes on if it will come there. */
  ask(wanted: Wanted, mode: ReadMode): void {
    const running = this.#running;
    const ahead = running ? (wanted.atUs - running.atUs) * running.direction : -1;
    if (ahead >= 0 && ahead < nearUs * Math.max(1, Math.abs(wanted.rate))) return;
    this.#read(wanted, mode, null, true);
  }

  /** Reads what lies beside a group, unless something is being read. */
  askBeside(group: RecordedGroup, side: 1 | -1, rate: number, mode: ReadMode): void {
    if (this.#running || isEdge(group, side)) return;
    const atUs =
      side > 0 ? Math.max(group.toUs, group.fromUs + mode.everyUs) : group.fromUs - Math.max(1, mode.everyUs);
    this.#read({ atUs, rate, direction: side }, mode, group, false);
  }

  /** The group next to one, null in it where none is recorded; null, and asked for, as long as that is not known. */
  lookBeside(group: RecordedGroup, side: 1 | -1): { group: RecordedGroup | null } | null {
    const next = side > 0 ? group.after : group.before;
    if (next || isEdge(group, side)) return { group: next };
    this.askBeside(group, side, 0, whole);
    return null;
  }

  /**
   * @param beside The group whose neighbours are read; null when what is wanted is among them.
   * @param mayTurn Whether the other direction may be tried: just beside the first or the last picture there is one on the other side.
   */
  #read({ atUs, rate, direction }: Wanted, mode: ReadMode, beside: RecordedGroup | null, mayTurn: boolean): void {
    const reading = (this.#running = { atUs, direction });
    let last = beside;
    let count = 0;
    const onGroup = (group: RecordedGroup) => {
      if (this.#running !== reading) return;
      const kept = this.#groups.add(group, last, direction);
      this.#learn(kept, last, mode);
      // What is asked for lies in a hole, or beyond the end: this is what is next to it.
      if (count++ === 0 && !beside) {
        kept.sinceUs = Math.min(kept.sinceUs, atUs);
        kept.untilUs = Math.max(kept.untilUs, atUs + 1);
      }
      last = kept;
      this.events.onChange();
    };
    const wish = { atUs, direction, gops: groupsFor(rate, mode, this.#groupMs), ...mode };
    void this.#connection.read(wish, onGroup).then((end) => {
      if (this.#running !== reading) return;
      this.#running = null;
      if (end === "lost" || end === "problem") return this.events.onFail();
      if (!last)
        return mayTurn
          ? this.#read({ atUs, rate, direction: direction > 0 ? -1 : 1 }, mode, null, false)
          : this.events.onFail();
      if (count === 0 || end === "noMore") noteEdge(last, direction);
      // What came is not what lies beside it: asked again at once, it would come again.
      else if (beside && (direction > 0 ? beside.after : beside.before) === null) noteEdge(beside, direction);
      this.events.onChange();
    });
  }

  #learn(group: RecordedGroup, neighbour: RecordedGroup | null, { keyframes }: ReadMode): void {
    if (!keyframes) this.#groupMs = (group.toUs - group.fromUs) / 1000;
    else if (neighbour) this.#groupMs = Math.min(longestGroupMs, Math.abs(group.fromUs - neighbour.fromUs) / 1000);
  }
}

function noteEdge(group: RecordedGroup, side: 1 | -1): void {
  if (side > 0) group.noneAfter = performance.now();
  else group.noneBefore = performance.now();
}

/** Whether nothing is recorded beside a group; behind the newest there may be something soon. */
function isEdge(group: RecordedGroup, side: 1 | -1): boolean {
  return side > 0 ? performance.now() - group.noneAfter < growsMs : group.noneBefore > -Infinity;
}
