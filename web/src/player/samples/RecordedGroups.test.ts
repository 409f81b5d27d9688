import { beforeEach, describe, expect, it } from "vitest";
import type { SampleFormat } from "./messages";
import { RecordedGroup } from "./RecordedGroup";
import { RecordedGroups } from "./RecordedGroups";

const t0 = Date.UTC(2026, 10, 29, 14) * 1000;
const second = 1_000_000;
const format: SampleFormat = { codec: "a", description: new Uint8Array(1), width: 640, height: 360 };

/** Frames of 100 ms and 10 bytes. */
function group(fromUs: number, frames = 10): RecordedGroup {
  const samples = Array.from({ length: frames }, (_, i) => ({
    atUs: fromUs + i * 100_000,
    durationUs: 100_000,
    keyframe: i === 0,
    data: new Uint8Array(10),
  }));
  return new RecordedGroup(format, fromUs, fromUs + frames * 100_000, samples);
}

describe("groups around the cursor", () => {
  let gone: RecordedGroup[];
  let groups: RecordedGroups;
  beforeEach(() => {
    gone = [];
    groups = new RecordedGroups(500, (g) => gone.push(g));
  });
  /** Seconds at which they begin, in the order in which they come. */
  const read = (direction: 1 | -1, ...seconds: number[]) => {
    let last: RecordedGroup | null = null;
    return seconds.map((s) => (last = groups.add(group(t0 + s * second), last, direction)));
  };

  it("are neighbours when one read brought them, whichever way", () => {
    const [c, b, a] = read(-1, 2, 1, 0);
    expect([a!.after, b!.before, b!.after, c!.before, c!.after]).toEqual([b, a, c, b, null]);
    const [again, d] = read(1, 2, 3);
    expect(again).toBe(c);
    expect(c!.after).toBe(d);
    expect(d!.before).toBe(c);
    expect(groups.length).toBe(4);
  });

  it("are found by time, with the holes before a neighbour, and nowhere else", () => {
    const [a, b] = read(1, 0, 1.2);
    expect(groups.at(t0)).toBe(a);
    expect(groups.at(t0 + 1.1 * second)).toBe(a);
    expect(groups.at(t0 + 1.2 * second)).toBe(b);
    expect(groups.at(t0 + 2.2 * second)).toBeNull();
    expect(groups.at(t0 - 1)).toBeNull();
  });

  it("that overlap by a few milliseconds hand over at the later one's beginning", () => {
    const [a, b] = read(1, 0, 0.995);
    expect(groups.at(t0 + 0.994 * second)).toBe(a);
    expect(groups.at(t0 + 0.996 * second)).toBe(b);
  });

  it("that grew take the place of what they were", () => {
    const [a, b] = read(1, 0, 1);
    const grown = groups.add(group(t0 + second, 15), null, 1);
    expect(gone).toEqual([b]);
    expect(groups.at(t0 + 2.4 * second)).toBe(grown);
    expect(grown.before).toBe(a);
    expect(a!.after).toBe(grown);
    expect(groups.bytes).toBe(250);
    expect(groups.add(group(t0 + second, 12), null, 1)).toBe(grown);
  });

  it("keep to the limit, and what is furthest from the cursor goes first", () => {
    read(-1, 9, 8, 7, 6, 5, 4, 3, 2);
    groups.trim(t0 + 2.5 * second);
    expect(groups.bytes).toBe(500);
    expect(gone.map((g) => (g.fromUs - t0) / second)).toEqual([9, 8, 7]);
    expect(groups.at(t0 + 6.5 * second)?.after).toBeNull();
  });

  it("leave the one that is seen and its neighbours, however large", () => {
    const [a] = [groups.add(group(t0, 100), null, 1)];
    const b = groups.add(group(t0 + 10 * second, 100), a, 1);
    groups.trim(t0 + 15 * second);
    expect(gone).toEqual([]);
    const c = groups.add(group(t0 + 20 * second, 100), b, 1);
    groups.trim(t0 + 25 * second);
    expect(gone).toEqual([a]);
    expect(groups.at(t0 + 25 * second)).toBe(c);
  });
});
