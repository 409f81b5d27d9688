import type { FoundObject, TracksMessage } from "@/api/tracks";

/** What was found is shown on later pictures for as long, then it says nothing of them any more: a camera may be looked at once a second. */
export const holdMs = 1_500;
/** Between two pictures that lie further apart nobody knows the way. */
const longestWayMs = 5_000;
/** The slowest players are so far behind. */
const keptMs = 20_000;

interface Look {
  /** Capture time, Unix milliseconds. */
  at: number;
  objects: readonly FoundObject[];
}

/** What is to be drawn on a picture. */
export interface Shown {
  objects: readonly FoundObject[];
  /** So much older than the picture is what it was found in; 0 between two that are known. */
  behindMs: number;
}

const nothing: Shown = { objects: [], behindMs: 0 };

/** What was found in the last pictures of a camera, to be drawn on those that are shown: players and analysis are behind by different times. */
export class FoundHistory {
  #looks: Look[] = [];
  #version = 0;

  /** Another one after each message. */
  get version(): number {
    return this.#version;
  }

  add({ at, tracks }: Pick<TracksMessage, "at" | "tracks">): void {
    const look = { at: at / 1000, objects: tracks };
    const before = this.#looks.findLastIndex((l) => l.at <= look.at);
    // Told again after analysis was interrupted.
    if (this.#looks[before]?.at === look.at) this.#looks[before] = look;
    else this.#looks.splice(before + 1, 0, look);
    const newest = this.#looks.at(-1)!.at;
    while (this.#looks[0]!.at < newest - keptMs) this.#looks.shift();
    this.#version++;
  }

  /**
   * What is seen on the picture of a capture time. Found in a later picture: it waits for that one. Between two: on its way from the one to the other. After the
   * last: where it was then, for a moment.
   */
  at(captured: number): Shown {
    const before = this.#looks.findLastIndex((l) => l.at <= captured);
    if (before < 0) return nothing;
    const [last, next] = [this.#looks[before]!, this.#looks[before + 1]];
    if (next && next.at - last.at <= longestWayMs) {
      const part = (captured - last.at) / (next.at - last.at);
      return { objects: last.objects.map((o) => onItsWay(o, next.objects, part)), behindMs: 0 };
    }
    const behindMs = captured - last.at;
    return behindMs <= holdMs ? { objects: last.objects, behindMs } : nothing;
  }
}

function onItsWay(from: FoundObject, later: readonly FoundObject[], part: number): FoundObject {
  const to = later.find((o) => o.id === from.id);
  if (!to) return from;
  const box = from.box.map((side, i) => side + part * (to.box[i]! - side)) as unknown as FoundObject["box"];
  return { ...from, box };
}
