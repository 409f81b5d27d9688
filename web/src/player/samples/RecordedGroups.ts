import type { RecordedGroup } from "./RecordedGroup";

/** The encoded groups around the cursor, linked to their neighbours, bounded in bytes. Pure. */
export class RecordedGroups {
  /** By their beginning. */
  #groups: RecordedGroup[] = [];
  #bytes = 0;

  /**
   * @param mostBytes Of encoded samples; the one group that is being seen and its neighbours are kept whatever they take.
   * @param onGone Told of every group that is given up.
   */
  constructor(
    readonly mostBytes: number,
    readonly onGone: (group: RecordedGroup) => void,
  ) {}

  get bytes(): number {
    return this.#bytes;
  }

  get length(): number {
    return this.#groups.length;
  }

  /**
   * @param neighbour What lies on this side of it: the group that came before it in the same read, or for which it was asked.
   * @param direction Of the read.
   * @returns The group to go on with: the one that was known, when it is the same.
   */
  add(group: RecordedGroup, neighbour: RecordedGroup | null, direction: 1 | -1): RecordedGroup {
    const place = this.#groups.findIndex((g) => g.fromUs >= group.fromUs);
    const known = this.#groups[place]?.fromUs === group.fromUs ? this.#groups[place]! : null;
    // One that was still being written has grown.
    const kept = known && known.length >= group.length ? known : group;
    if (kept === group) {
      const before = known?.before ?? null;
      if (known) this.#remove(known);
      this.#groups.splice(place < 0 ? this.#groups.length : place, 0, group);
      this.#bytes += group.bytes;
      if (before) link(before, group);
    }
    if (neighbour && neighbour !== kept && this.#groups.includes(neighbour))
      link(...(direction > 0 ? ([neighbour, kept] as const) : ([kept, neighbour] as const)));
    return kept;
  }

  /** The group whose pictures are seen at a time; null when that is not known. */
  at(atUs: number): RecordedGroup | null {
    const place = this.#groups.findLastIndex((g) => g.fromUs <= atUs);
    const group = this.#groups[place];
    if (group && atUs < group.untilUs) return group;
    const next = this.#groups[place + 1];
    return next && atUs >= next.sinceUs ? next : null;
  }

  /** Keeps to the limit: what is furthest from a time goes first. */
  trim(aroundUs: number): void {
    const seen = this.at(aroundUs);
    while (this.#bytes > this.mostBytes) {
      const [first, last] = [this.#groups[0]!, this.#groups.at(-1)!];
      const gone = aroundUs - first.fromUs > last.fromUs - aroundUs ? first : last;
      if (gone === seen || (seen && (gone === seen.before || gone === seen.after))) return;
      this.#remove(gone);
    }
  }

  clear(): void {
    for (const group of [...this.#groups]) this.#remove(group);
  }

  #remove(group: RecordedGroup): void {
    this.#groups.splice(this.#groups.indexOf(group), 1);
    this.#bytes -= group.bytes;
    if (group.before) {
      group.before.after = null;
      group.before.untilUs = group.before.toUs;
    }
    if (group.after) group.after.before = null;
    group.before = group.after = null;
    this.onGone(group);
  }
}

function link(before: RecordedGroup, after: RecordedGroup): void {
  before.after = after;
  after.before = before;
  before.untilUs = Math.max(before.toUs, after.fromUs);
}
