import { beforeEach, describe, expect, it } from "vitest";
import { GroupAssembly } from "./GroupAssembly";
import type { RecordedGroup } from "./RecordedGroup";

const t0 = Date.UTC(2026, 10, 29, 14) * 1000;
const format = (request: number, codec: string) =>
  JSON.stringify({ type: "format", request, codec, description: "AQ==", width: 640, height: 360 });
const gop = (request: number, fromUs: number) =>
  JSON.stringify({ type: "gop", request, fromUs, toUs: fromUs + 80_000 });
const end = (request: number, reason: string) => JSON.stringify({ type: "end", request, reason });

function samples(request: number, ...timesUs: number[]): ArrayBuffer {
  const view = new DataView(new ArrayBuffer(8 + 21 * timesUs.length));
  view.setUint32(0, request);
  view.setUint32(4, timesUs.length);
  timesUs.forEach((atUs, i) => {
    view.setBigInt64(8 + 20 * i, BigInt(atUs));
    view.setUint32(8 + 20 * i + 16, 1);
  });
  return view.buffer;
}

describe("the messages of a connection", () => {
  let log: [number, string][];
  let groups: RecordedGroup[];
  let assembly: GroupAssembly;
  beforeEach(() => {
    log = [];
    groups = [];
    assembly = new GroupAssembly({
      onGroup: (request, group) => {
        groups.push(group);
        log.push([request, `${group.format.codec} ${group.fromUs - t0} ${group.length}`]);
      },
      onEnd: (request, how) => log.push([request, how]),
    });
  });
  const push = (...messages: (string | ArrayBuffer)[]) => messages.forEach((m) => assembly.push(m));

  it("make groups of all their fragments, each when the next thing begins", () => {
    push(format(1, "a"), gop(1, t0), samples(1, t0), samples(1, t0 + 40_000));
    expect(log).toEqual([]);
    push(gop(1, t0 - 80_000), samples(1, t0 - 80_000));
    expect(log).toEqual([[1, "a 0 2"]]);
    push(end(1, "noMore"));
    expect(log.slice(1)).toEqual([
      [1, "a -80000 1"],
      [1, "noMore"],
    ]);
  });

  it("keep a format that came with a read that was replaced", () => {
    push(format(1, "a"), gop(1, t0), samples(1, t0), format(1, "b"), end(1, "replaced"));
    push(gop(2, t0 + 80_000), samples(2, t0 + 80_000), end(2, "done"));
    expect(log).toEqual([
      [1, "a 0 1"],
      [1, "replaced"],
      [2, "b 80000 1"],
      [2, "done"],
    ]);
  });

  it("give no group that was cut off", () => {
    push(format(1, "a"), gop(1, t0), samples(1, t0), end(1, "replaced"));
    push(gop(2, t0), samples(2, t0), JSON.stringify({ type: "problem", request: 2, code: "damaged" }));
    expect(log).toEqual([
      [1, "replaced"],
      [2, "problem"],
    ]);
  });

  it("are refused when they make no sense", () => {
    expect(() => push(samples(1, t0))).toThrow(RangeError);
    expect(() => push(gop(1, t0), samples(2, t0))).toThrow(RangeError);
    expect(() => push(gop(1, t0), samples(1, t0), end(1, "done"))).toThrow(RangeError);
  });

  it("order pictures as they are seen, and decode no more than one needs", () => {
    // I P B B, decoded in this order.
    push(format(1, "a"), gop(1, t0), samples(1, t0, t0 + 120_000, t0 + 40_000, t0 + 80_000), end(1, "done"));
    const [group] = groups;
    expect(group!.timesUs.map((t) => t - t0)).toEqual([0, 40_000, 80_000, 120_000]);
    expect([0, 1, 2, 3].map((i) => group!.samplesFor(i, i + 1))).toEqual([1, 3, 4, 2]);
    expect(group!.samplesFor(0, 4)).toBe(4);
    expect([-1, 0, 39_999, 40_000, 500_000].map((t) => group!.indexAt(t0 + t))).toEqual([0, 0, 0, 1, 3]);
  });

  it("that date two pictures the same still tell them apart", () => {
    push(format(1, "a"), gop(1, t0), samples(1, t0, t0 + 40_000), samples(1, t0 + 40_000, t0 + 80_000), end(1, "done"));
    const [group] = groups;
    expect(group!.timesUs.map((t) => t - t0)).toEqual([0, 40_000, 40_001, 80_000]);
    expect(group!.stampsUs.map((t) => group!.indexOf(t))).toEqual([0, 1, 2, 3]);
    expect(group!.indexOf(t0 + 1)).toBe(-1);
  });
});
