import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Span } from "@/timeline/footage";
import type { GroupState, Member } from "./member";
import { PlaybackGroup } from "./PlaybackGroup";

const t0 = Date.UTC(2026, 10, 29, 14);

/** A player with footage in memory that plays by the fake clock. */
class FakeMember implements Member {
  busy = false;
  failed = false;
  ended = false;
  smooth = false;
  #position = t0;
  #since: number | null = null;
  #rate = 1;
  pace = 1;
  placed: number[] = [];
  shown: number[] = [];

  constructor(
    readonly footage: Span[],
    /** How much of real time it makes, e.g. a decoder that does not keep up. */
    readonly ability = Infinity,
  ) {}

  get running() {
    return this.#since !== null;
  }
  get at() {
    if (this.#since === null) return this.#position;
    return this.#position + (performance.now() - this.#since) * Math.min(this.ability, this.#rate);
  }
  knows = () => true;
  has = (at: number) => this.footage.some((f) => at >= f.from && at < f.to);
  nearest = (at: number, direction: 1 | -1) => {
    if (this.has(at)) return at;
    const next = direction > 0 ? this.footage.find((f) => f.from > at) : this.footage.findLast((f) => f.to <= at);
    return next ? (direction > 0 ? next.from : next.to - 200) : null;
  };
  endOfRun = (at: number) => this.footage.find((f) => at >= f.from && at < f.to)?.to ?? at;
  place = (at: number) => {
    this.placed.push(at);
    if (!this.has(at)) return this.hold();
    this.#position = at;
    if (this.#since !== null) this.#since = performance.now();
  };
  show = (at: number) => {
    this.hold();
    this.shown.push(at);
    this.place(at);
  };
  run = (rate: number) => {
    this.#position = this.at;
    this.#since = performance.now();
    this.#rate = rate;
    this.pace = rate;
  };
  hold = () => {
    this.#position = this.at;
    this.#since = null;
  };
  step = async (direction: 1 | -1) => this.place(this.at + direction * 40);
}

describe("cameras played together", () => {
  let states: GroupState[];
  let found: number | null;
  const hour = [{ from: t0, to: t0 + 3_600_000 }];

  beforeEach(() => {
    vi.useFakeTimers({
      now: t0 + 86_400_000,
      toFake: ["setInterval", "clearInterval", "setTimeout", "Date", "performance"],
    });
    states = [];
    found = null;
  });
  afterEach(() => vi.useRealTimers());

  function play(members: FakeMember[], at: number, rate = 1) {
    const group = new PlaybackGroup({ onState: (s) => states.push(s), findFootage: () => Promise.resolve(found) }, at, {
      playing: true,
      rate,
    });
    members.forEach((m, i) => group.add(String(i), m));
    group.start();
    return group;
  }

  it("begin together, when the last one is ready", () => {
    const [a, b] = [new FakeMember(hour), new FakeMember(hour)];
    b.busy = true;
    const group = play([a, b], t0 + 1_000);
    vi.advanceTimersByTime(1_000);
    expect(a.running).toBe(false);
    b.busy = false;
    vi.advanceTimersByTime(1_000);
    expect(group.at - t0).toBeGreaterThan(1_900);
    expect(Math.abs(a.at - b.at)).toBeLessThan(80);
  });

  it("are brought back when they drift", () => {
    const [a, b] = [new FakeMember(hour), new FakeMember(hour)];
    play([a, b], t0 + 1_000);
    vi.advanceTimersByTime(500);
    b.place(a.at + 300);
    vi.advanceTimersByTime(100);
    expect(b.pace).toBeLessThan(1);
    expect(a.pace).toBe(1);
    vi.advanceTimersByTime(3_000);
    expect(Math.abs(a.at - b.at)).toBeLessThan(80);
    expect(b.pace).toBe(1);
  });

  it("wait where they have no footage while the others go on", () => {
    const a = new FakeMember([
      { from: t0, to: t0 + 3_000 },
      { from: t0 + 10_000, to: t0 + 60_000 },
    ]);
    const b = new FakeMember(hour);
    const group = play([a, b], t0 + 1_000);
    vi.advanceTimersByTime(4_000);
    expect(a.running).toBe(false);
    expect(group.at - t0).toBeGreaterThan(4_500);
    expect(group.at - t0).toBeLessThan(5_500);
    vi.advanceTimersByTime(7_000);
    expect(a.running).toBe(true);
    expect(Math.abs(a.at - b.at)).toBeLessThan(80);
  });

  it("go on where the first has footage again, also far away", async () => {
    const a = new FakeMember([
      { from: t0, to: t0 + 3_000 },
      { from: t0 + 10_000, to: t0 + 12_000 },
    ]);
    const b = new FakeMember([{ from: t0, to: t0 + 3_000 }]);
    const group = play([a, b], t0 + 1_000);
    vi.advanceTimersByTime(3_000);
    expect(group.at - t0).toBeGreaterThanOrEqual(10_000);
    found = t0 + 900_000;
    a.footage.push({ from: found, to: found + 60_000 });
    a.nearest = () => null;
    await vi.advanceTimersByTimeAsync(3_000);
    expect(group.at).toBeGreaterThanOrEqual(found);
  });

  it("stop where nothing follows", async () => {
    const group = play([new FakeMember([{ from: t0, to: t0 + 2_000 }])], t0 + 1_000);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(group.state.playing).toBe(false);
  });

  it("run true backwards and faster than a decoder", () => {
    const a = new FakeMember(hour);
    const group = play([a], t0 + 600_000, -2);
    vi.advanceTimersByTime(4_000);
    expect((group.at - t0 - 600_000) / 1_000).toBeCloseTo(-8, 0);
    expect(group.trueSpeed).toBeCloseTo(-2, 1);
    expect(a.running).toBe(false);
    group.setRate(16);
    const from = group.at;
    vi.advanceTimersByTime(4_000);
    expect((group.at - from) / 1_000).toBeGreaterThan(60);
  });

  it("are sought picture by picture when the decoder does not keep up", () => {
    const group = play([new FakeMember(hour, 1.5)], t0 + 1_000, 4);
    vi.advanceTimersByTime(2_000);
    expect(group.trueSpeed).toBeLessThan(2);
    vi.advanceTimersByTime(8_000);
    expect(states.at(-1)?.seeking).toBe(true);
    expect(group.trueSpeed).toBeCloseTo(4, 0);
  });

  it("show every frame backwards when all can without seeks, else about ten a second", () => {
    const [a, b] = [new FakeMember(hour), new FakeMember(hour)];
    a.smooth = b.smooth = true;
    play([a, b], t0 + 600_000, -1);
    vi.advanceTimersByTime(2_000);
    const frames = new Set(a.shown.map((at) => Math.floor(at / 40)));
    expect(frames.size).toBeGreaterThanOrEqual(49);
    expect(a.shown).toEqual([...a.shown].sort((x, y) => y - x));
    expect(b.shown).toEqual(a.shown);
    b.smooth = false;
    a.shown.length = 0;
    vi.advanceTimersByTime(2_000);
    expect(a.shown.length).toBeLessThanOrEqual(25);
    expect(a.shown.length).toBeGreaterThanOrEqual(18);
  });

  it("slow time down rather than leave frames out when a picture is late", () => {
    const a = new FakeMember(hour);
    a.smooth = true;
    const group = play([a], t0 + 600_000, -1);
    vi.advanceTimersByTime(1_000);
    const at = group.at;
    a.busy = true;
    vi.advanceTimersByTime(1_000);
    expect(group.at).toBe(at);
    a.busy = false;
    vi.advanceTimersByTime(20);
    expect(at - group.at).toBeLessThanOrEqual(40);
  });

  it("stand at the time of the frame that is seen when they are stopped", () => {
    const a = new FakeMember(hour);
    a.smooth = true;
    const group = play([a], t0 + 600_000, -1);
    vi.advanceTimersByTime(1_000);
    const seen = Math.floor(group.at / 40) * 40;
    a.place(seen);
    group.pause();
    expect(group.at).toBe(seen);
  });

  it("step by the frames of the first, the others follow", async () => {
    const [a, b] = [new FakeMember(hour), new FakeMember(hour)];
    const group = play([a, b], t0 + 1_000);
    vi.advanceTimersByTime(500);
    await group.step(1);
    expect(group.state.playing).toBe(false);
    expect(b.at).toBe(a.at);
    const at = group.at;
    await group.step(-1);
    expect(group.at).toBe(at - 40);
  });
});
