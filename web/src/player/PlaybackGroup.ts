import { correct, TrueSpeed } from "./inStep";
import type { GroupState, Member } from "./member";

/** Faster than this (and backwards) pictures are shown one by one: no video decoder need keep up. */
const fastestDecoded = 4;
/** This much below what was asked for, for so long, and the decoder does not keep up. */
const keepsUp = 0.8;
const slowTicks = 40;
const tickMs = 50;
/** Pictures that need no seek are looked at this often: every frame is seen. */
const smoothMs = 15;
/** Pictures per second at the most while they are sought one by one. */
const soughtMs = 80;
/** A seek that takes longer than this slows time down rather than making it jump. */
const longestStepMs = 400;
const longestSmoothMs = 100;
/** The newest fragment is still being written. */
const edgeMs = 2_000;
/** Frames that a held key may run ahead of the picture. */
const mostSteps = 4;
/** All begin together, unless one keeps the others waiting for so long. */
const startTogetherMs = 3_000;

export interface GroupOptions {
  onState: (state: GroupState) => void;
  /** Where the nearest footage of any camera is, beyond what the players know; null when there is none. */
  findFootage: (at: number, direction: 1 | -1) => Promise<number | null>;
}

/**
 * Plays several cameras on one clock. The first that has a picture leads and runs undisturbed; the others are kept within 80 ms of
 * it. A camera without footage waits; where none has any, time goes on at the next footage.
 */
export class PlaybackGroup {
  #players = new Map<string, Member>();
  #at: number;
  #state: GroupState;
  #leader: Member | null = null;
  #pacing = new Set<Member>();
  readonly #speed = new TrueSpeed();
  #slow = 0;
  #tooFast = Infinity;
  #startedAt = 0;
  #steppedAt = 0;
  #looking = false;
  #steps = 0;
  #stepping: Promise<void> = Promise.resolve();
  #scrub: { at: number } | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly options: GroupOptions,
    at: number,
    state: { playing: boolean; rate: number },
  ) {
    this.#at = at;
    this.#state = { ...state, seeking: false };
    this.#state.seeking = this.#seeks(state.rate);
  }

  /** Starts the clock; returns what stops it. */
  start(): () => void {
    const again = () => {
      this.#timer = setTimeout(again, this.#isSmooth ? smoothMs : tickMs);
      this.#tick();
    };
    this.#timer = setTimeout(again, tickMs);
    return () => clearTimeout(this.#timer);
  }

  get at(): number {
    const leader = this.#leader;
    if (!this.#state.seeking && leader && !leader.busy && this.#scrub === null && leader.has(this.#at))
      return leader.at;
    return this.#at;
  }

  get state(): Readonly<GroupState> {
    return this.#state;
  }

  /** How fast time really passes; null while that is not known. */
  get trueSpeed(): number | null {
    return this.#state.playing ? this.#speed.value : null;
  }

  add(id: string, player: Member): () => void {
    this.#players.set(id, player);
    player.place(this.#at, this.#direction);
    this.#startedAt = performance.now();
    return () => {
      this.#players.delete(id);
      if (this.#leader === player) this.#leader = null;
    };
  }

  play(rate = this.#state.rate): void {
    this.#change({ playing: true, rate, seeking: this.#seeks(rate) });
    // Where the end was reached, or another speed is shown from here on.
    this.seek(this.at);
  }

  pause(): void {
    // Between two pictures, time is that of the one that is seen.
    const seen = this.#state.seeking && this.#scrub === null ? this.#lead()?.at : undefined;
    this.#at = seen ?? this.at;
    this.#players.forEach((p) => p.hold());
    this.#change({ ...this.#state, playing: false });
    this.#speed.reset();
  }

  /** Changes how fast it plays, or will play. */
  setRate(rate: number): void {
    if (rate === this.#state.rate) return;
    if (this.#state.playing) return this.play(rate);
    this.#change({ ...this.#state, rate, seeking: this.#seeks(rate) });
  }

  seek(at: number): void {
    this.#at = Math.min(at, Date.now() - edgeMs);
    this.#scrub = null;
    this.#startedAt = performance.now();
    this.#steppedAt = performance.now();
    this.#speed.reset();
    this.#slow = 0;
    for (const p of this.#players.values()) {
      if (this.#state.playing && this.#state.seeking) p.show(this.#at, this.#state.rate);
      else {
        p.hold();
        p.place(this.#at, this.#direction);
      }
    }
  }

  /** The cursor is being dragged: the newest place is shown as soon as the picture before it is there. `seek` ends it. */
  scrub(at: number): void {
    this.#players.forEach((p) => p.hold());
    this.#at = Math.min(at, Date.now() - edgeMs);
    this.#scrub = { at: this.#at };
    this.#followScrub();
  }

  /** One frame; those asked for meanwhile follow one after the other, and no more than an eye can wait for. */
  step(direction: 1 | -1): Promise<void> {
    if (this.#steps >= mostSteps) return this.#stepping;
    this.#steps++;
    this.#stepping = this.#stepping.then(() => this.#stepOnce(direction)).finally(() => this.#steps--);
    return this.#stepping;
  }

  async #stepOnce(direction: 1 | -1): Promise<void> {
    if (this.#state.playing) this.pause();
    const leader = this.#lead();
    if (!leader) return;
    await leader.step(direction);
    this.#at = leader.at;
    for (const p of this.#players.values()) if (p !== leader) p.show(this.#at, 0);
  }

  /** Whether every player shows its pictures without seeks, now that they are shown one by one. */
  get #isSmooth(): boolean {
    const { playing, seeking } = this.#state;
    return playing && seeking && [...this.#players.values()].every((p) => p.smooth);
  }

  get #direction(): 1 | -1 {
    return this.#state.rate < 0 ? -1 : 1;
  }

  #seeks(rate: number): boolean {
    return rate < 0 || rate > fastestDecoded || rate >= this.#tooFast;
  }

  #change(state: GroupState): void {
    const { playing, rate, seeking } = this.#state;
    this.#state = state;
    if (state.playing !== playing || state.rate !== rate || state.seeking !== seeking) this.options.onState(state);
  }

  #followScrub(): void {
    if (!this.#scrub) return;
    for (const p of this.#players.values()) if (!p.busy) p.place(this.#scrub.at);
  }

  #tick = () => {
    if (this.#scrub) return this.#followScrub();
    if (!this.#state.playing) return;
    if (this.#state.seeking) this.#tickSought();
    else this.#tickDecoded();
    if (this.#state.playing) this.#speed.note(performance.now(), this.at);
  };

  #tickDecoded(): void {
    const players = [...this.#players.values()];
    const starting = performance.now() - this.#startedAt < startTogetherMs;
    if (starting && players.some((p) => p.busy)) return players.forEach((p) => p.hold());
    const before = this.#at;
    const leader = this.#lead();
    if (!leader) return players.some((p) => p.busy) ? undefined : this.#overHole();
    const { rate } = this.#state;
    const at = leader.at;
    // The media has no holes: a leader that played across one has left others behind who have footage there.
    if (at - before > 1_000 + 8 * rate * tickMs && players.some((p) => p !== leader && p.has(before + 1))) {
      this.#leader = null;
      this.#at = before + 1;
      leader.hold();
      return;
    }
    this.#at = at;
    leader.run(rate);
    const ending = leader.ended || leader.endOfRun(at) - at < 2 * rate * tickMs;
    for (const p of players) if (p !== leader) this.#follow(p, leader, at);
    if (ending) this.#leaveRun(leader, players);
    else this.#notice(leader);
  }

  /** Keeps one of the others where the leader is. */
  #follow(player: Member, leader: Member, at: number): void {
    if (player.failed || !player.knows(at) || !player.has(at)) {
      player.hold();
      if (!player.busy) player.place(at);
      return;
    }
    if (leader.busy) return player.hold();
    if (player.busy) return;
    const { rate } = this.#state;
    const what = correct(player.at - at, rate, this.#pacing.has(player));
    this.#pacing[what.kind === "pace" ? "add" : "delete"](player);
    if (what.kind === "jump") player.place(at + 150 * rate);
    player.run(what.kind === "pace" ? rate * what.factor : rate);
  }

  /** The leader's footage or playlist ends here. */
  #leaveRun(leader: Member, players: Member[]): void {
    const end = leader.endOfRun(this.#at) + 1;
    const heir = players.find((p) => p !== leader && p.has(end) && !p.failed);
    if (heir) {
      this.#leader = heir;
      this.#at = heir.at;
      leader.hold();
    } else if (leader.nearest(end + 1, 1) === null || leader.ended) {
      this.#leader = null;
      this.#at = end;
    }
  }

  #tickSought(): void {
    const now = performance.now();
    const players = [...this.#players.values()];
    const smooth = this.#isSmooth;
    if (players.some((p) => p.busy)) {
      // No frame is left out for having been late.
      if (smooth) this.#steppedAt = now;
      return;
    }
    const elapsed = Math.min(smooth ? longestSmoothMs : longestStepMs, now - this.#steppedAt);
    if (!smooth && elapsed < soughtMs) return;
    if (!players.some((p) => p.has(this.#at))) return this.#overHole();
    this.#steppedAt = now;
    const next = this.#at + this.#state.rate * elapsed;
    if (next > Date.now() - edgeMs) return this.#atTheEdge();
    this.#at = next;
    players.forEach((p) => p.show(next, this.#state.rate));
  }

  /** Time goes on where there is footage again. */
  #overHole(): void {
    const direction = this.#direction;
    const nearest = [...this.#players.values()].map((p) => p.nearest(this.#at + direction, direction));
    const known = nearest.filter((n) => n !== null);
    const next = direction > 0 ? Math.min(...known) : Math.max(...known);
    if (Number.isFinite(next)) return this.seek(next);
    if (this.#looking) return;
    this.#looking = true;
    const from = this.#at;
    void this.options
      .findFootage(from + direction, direction)
      .catch(() => null)
      .then((found) => {
        this.#looking = false;
        if (!this.#state.playing || this.#at !== from) return;
        if (found !== null && found < Date.now() - edgeMs) this.seek(found);
        else this.#atTheEdge();
      });
  }

  /** Caught up with the present, or nothing follows. */
  #atTheEdge(): void {
    if (this.#direction > 0 && Date.now() - this.#at < 15_000) {
      if (this.#state.rate > 1) this.play(1);
      // Soon there is more.
      this.#looking = true;
      setTimeout(() => (this.#looking = false), 1_000);
      return;
    }
    this.pause();
  }

  #lead(): Member | null {
    const leader = this.#leader;
    if (leader && [...this.#players.values()].includes(leader) && !leader.failed && leader.has(this.#at)) return leader;
    this.#leader = [...this.#players.values()].find((p) => p.has(this.#at) && !p.failed && !p.busy) ?? null;
    return this.#leader;
  }

  /** A video decoder that does not keep up makes the picture stutter; steady single pictures are better. */
  #notice(leader: Member): void {
    const speed = this.#speed.value;
    const { rate } = this.#state;
    if (rate <= 1 || speed === null || leader.busy || speed >= keepsUp * rate) {
      this.#slow = 0;
      return;
    }
    if (++this.#slow < slowTicks) return;
    this.#tooFast = rate;
    this.play(rate);
  }
}
