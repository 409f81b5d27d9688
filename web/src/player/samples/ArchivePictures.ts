import { GroupDecoder } from "./GroupDecoder";
import { aheadFor, modeFor, spanAtRest, strideFor, whole, type ReadMode } from "./howToRead";
import type { SampleFormat } from "./messages";
import { budgetShare, shareBudget } from "./pictureBudget";
import { recordedBytes, scaledBytes, type Picture } from "./Picture";
import { PictureShelf } from "./PictureShelf";
import type { RecordedGroup } from "./RecordedGroup";
import { GroupReading, type Wanted } from "./GroupReading";

/** A picture that does not come within this will not come. */
const patienceMs = 4_000;
/** What failed is not tried again at once; a format that the browser does not decode, hardly ever. */
const retryMs = 30_000;
const unsupportedMs = 600_000;
/** A picture that is looked at for so long is worth its full size. */
const restsMs = 200;
/** Nothing shown for this long: the decoder is given back, and pictures that nobody sees. */
const idleMs = 10_000;
/** Pictures decoded first where even the wanted one is missing. */
const mostUrgent = 8;
/** Pictures to one side of the cursor that are enough: a group of pictures, most often. */
const enoughPictures = 60;

export interface ArchivePicturesOptions {
  /** Pictures are drawn on it, in the recorded size or, while time runs, no larger than they are seen. */
  canvas: HTMLCanvasElement;
  /** Laid out like the canvas, also while that is hidden: how large pictures are seen. */
  frame: Element;
  /** WebSocket address of the samples, with whatever credential it needs. */
  url: () => Promise<string>;
  /** From one picture to the next, milliseconds. */
  frameMs: () => number;
  /** A picture has been drawn. */
  onPicture: () => void;
  /** None will come for the moment; what is wanted is to be shown otherwise. */
  onFail: () => void;
}

interface Shown {
  group: RecordedGroup;
  index: number;
  /** In the recorded size, or as near to it as it gets. */
  isFull: boolean;
}

interface Job {
  group: RecordedGroup;
  from: number;
  to: number;
  stride: number;
}

/** Shows single pictures of one camera's archive by decoding its samples here: any picture, in any order, without a seek. */
export class ArchivePictures {
  readonly #reading: GroupReading;
  readonly #decoder = new GroupDecoder();
  readonly #shelf = new PictureShelf();
  readonly #leaveBudget = shareBudget(this);
  /** Pictures that the decoder left out. */
  #unseen = new WeakMap<RecordedGroup, Set<number>>();
  #mode: ReadMode = whole;
  #wanted: Wanted | null = null;
  #shown: Shown | null = null;
  #job: Job | null = null;
  #changedAt = 0;
  /** What is wanted from outside, counted: who waits for a picture waits no longer when another is wanted. */
  #turn = 0;
  #failedUntil = 0;
  /** Pictures that somebody wants in full size. */
  #fulls: { shown: Shown; resolve: (picture: HTMLCanvasElement) => void }[] = [];
  #closed = false;
  #waiting: ReturnType<typeof setTimeout> | null = null;
  #resting: ReturnType<typeof setTimeout> | undefined;
  #idle: ReturnType<typeof setTimeout> | undefined;
  #listeners = new Set<() => void>();

  constructor(readonly options: ArchivePicturesOptions) {
    this.#reading = new GroupReading(options.url, {
      onChange: () => {
        this.#choose();
        this.#settle();
        this.#pump();
        this.#changed();
      },
      onGone: (group) => this.#shelf.drop(group),
      onFail: () => this.#fail(retryMs),
    });
  }

  /** Whether it is worth trying. */
  get usable(): boolean {
    return GroupDecoder.isAvailable && !this.#closed && performance.now() >= this.#failedUntil;
  }

  /** Whether the wanted picture is on its way. */
  get busy(): boolean {
    return this.#waiting !== null;
  }

  /** Wall clock of the picture on the canvas, Unix milliseconds; null when it is none of these. */
  get shownAt(): number | null {
    return this.#shown && this.#shown.group.timesUs[this.#shown.index]! / 1000;
  }

  /**
   * Shows the picture that is seen at a time, as soon as it is there.
   * @param rate At which time runs; 0: it rests.
   */
  show(at: number, rate: number): void {
    this.#turn++;
    this.#show(at, rate);
    this.#changed();
  }

  #show(at: number, rate: number): void {
    const direction = rate === 0 ? (this.#wanted?.direction ?? 1) : rate < 0 ? -1 : 1;
    if (rate !== this.#wanted?.rate || rate === 0) {
      this.#changedAt = performance.now();
      clearTimeout(this.#resting);
      if (rate === 0) this.#resting = setTimeout(() => this.#pump(), restsMs);
    }
    this.#wanted = { atUs: Math.round(at * 1000), rate, direction };
    this.#choose();
    this.#settle();
    this.#pump();
    this.#stayAwake();
  }

  /**
   * Shows the neighbour of the picture that is seen at a time.
   * @returns Its time; that of the picture itself where nothing is recorded beyond it; null when none can be shown, or another is wanted meanwhile.
   */
  async step(at: number, direction: 1 | -1): Promise<number | null> {
    const turn = ++this.#turn;
    const atUs = Math.round(at * 1000);
    // What is seen now may be the video's frame: its neighbour is known when its group is there.
    this.#wanted = { atUs, rate: 0, direction };
    this.#choose();
    this.#wait();
    if (!this.#reading.at(atUs)) this.#reading.ask(this.#wanted, whole);
    const group = await this.#until(turn, () => this.#reading.at(atUs));
    if (!group) return null;
    const index = group.indexAt(atUs);
    let targetUs = group.timesUs[index + direction];
    if (targetUs === undefined) {
      const next = await this.#until(turn, () => this.#reading.lookBeside(group, direction));
      if (!next) return null;
      targetUs = next.group ? next.group.timesUs.at(direction > 0 ? 0 : -1)! : group.timesUs[index]!;
    }
    this.#wanted = { atUs: targetUs, rate: 0, direction };
    this.#show(targetUs / 1000, 0);
    const isThere = await this.#until(turn, () => (this.busy ? null : true));
    return isThere && this.shownAt;
  }

  /** Time stands still: the picture that is shown stays. */
  rest(): void {
    const at = this.shownAt;
    if (at !== null && this.#wanted && this.#wanted.rate !== 0) this.show(at, 0);
  }

  /** The picture that is shown now, in the size in which it was recorded if that can be had. */
  full(): Promise<HTMLCanvasElement> {
    const shown = this.#shown;
    if (!shown || shown.isFull) return Promise.resolve(this.options.canvas);
    return new Promise((resolve) => {
      this.#fulls.push({ shown, resolve });
      this.#pump();
    });
  }

  /** Nothing of this is seen any more. */
  leave(): void {
    this.#wanted = null;
    this.#shown = null;
    this.#stopWaiting();
    clearTimeout(this.#resting);
    for (const { resolve } of this.#fulls.splice(0)) resolve(this.options.canvas);
    this.#turn++;
    this.#changed();
    this.#stayAwake();
  }

  close(): void {
    this.#closed = true;
    this.leave();
    clearTimeout(this.#idle);
    this.#reading.close();
    this.#decoder.release();
    this.#forget();
    this.#leaveBudget();
  }

  #fail(forMs: number): void {
    if (this.#closed) return;
    this.#failedUntil = performance.now() + forMs;
    const wasWanted = this.#wanted !== null;
    this.leave();
    this.#decoder.release();
    this.#job = null;
    this.#forget();
    if (wasWanted) this.options.onFail();
  }

  #forget(): void {
    this.#reading.clear();
    this.#shelf.clear();
  }

  #stayAwake(): void {
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => {
      this.#decoder.release();
      if (!this.#wanted) this.#forget();
    }, idleMs);
  }

  /** What is read at this speed; what was read otherwise is of no use then. */
  #choose(): void {
    const rate = this.#wanted?.rate ?? 0;
    const mode = modeFor(rate, {
      groupMs: this.#reading.groupMs,
      frameMs: this.options.frameMs(),
      costMs: this.#decoder.costMs,
    });
    if (mode.keyframes === this.#mode.keyframes && mode.everyUs === this.#mode.everyUs) return;
    this.#mode = mode;
    this.#job = null;
    this.#decoder.abort();
    this.#forget();
  }

  /** The picture that is to be seen at a time. */
  #indexAt(group: RecordedGroup, atUs: number): number {
    const stride = this.#stride;
    const index = group.indexAt(atUs);
    const unseen = this.#unseen.get(group);
    let seen = index - (index % stride);
    while (seen > 0 && unseen?.has(seen)) seen -= stride;
    return Math.max(0, seen);
  }

  get #stride(): number {
    return strideFor(this.#wanted?.rate ?? 0, this.options.frameMs());
  }

  /** Draws what is wanted, if it is there. */
  #settle(): void {
    if (!this.#wanted) return;
    const group = this.#reading.at(this.#wanted.atUs);
    const index = group && this.#indexAt(group, this.#wanted.atUs);
    if (group && index !== null && this.#shown?.group === group && this.#shown.index === index)
      return this.#stopWaiting();
    const picture = group && this.#shelf.get(group, index!);
    if (!picture) {
      if (this.#waiting === null) this.#wait();
      return;
    }
    this.#stopWaiting();
    this.#draw(group, index!, picture);
  }

  #wait(): void {
    this.#stopWaiting();
    this.#waiting = setTimeout(() => this.#fail(retryMs), patienceMs);
  }

  #stopWaiting(): void {
    if (this.#waiting !== null) clearTimeout(this.#waiting);
    this.#waiting = null;
  }

  #draw(group: RecordedGroup, index: number, picture: Picture): void {
    drawOn(this.options.canvas, picture);
    this.#shown = { group, index, isFull: picture.width >= group.format.width };
    this.options.onPicture();
    this.#changed();
  }

  /** Reads and decodes what is wanted next. */
  #pump(): void {
    const wanted = this.#wanted;
    if (!wanted || this.#closed) return;
    const group = this.#reading.at(wanted.atUs);
    if (!group) return this.#reading.ask(wanted, this.#mode);
    this.#reading.trim(wanted.atUs);
    const index = this.#indexAt(group, wanted.atUs);
    const isThere =
      (this.#shown?.group === group && this.#shown.index === index) || this.#shelf.get(group, index) !== null;
    const running = this.#job;
    const comes =
      running?.group === group && index >= running.from && index < running.to && index % running.stride === 0;
    if (running && (isThere || comes)) return;
    if (isThere && this.#fulls.length > 0) return this.#decodeFull();
    const next = isThere ? this.#ahead(group, index, wanted) : this.#span(group, index, wanted, mostUrgent);
    if (next) void this.#decode(next, 1);
    else if (wanted.rate === 0 && performance.now() - this.#changedAt >= restsMs) this.#sharpen();
  }

  /** The first thing missing in the direction of play; to both sides of a picture that rests. */
  #ahead(group: RecordedGroup, index: number, { rate, direction }: Wanted): Job | null {
    const stride = this.#stride;
    const most = Math.min(this.#most(group), aheadFor(rate, this.#mode, this.options.frameMs()));
    for (const side of rate === 0 ? ([direction, -direction] as const) : ([direction] as const)) {
      let [at, place]: [RecordedGroup | null, number] = [group, index];
      for (let ahead = most; ahead > 0; ahead--) {
        place += side * stride;
        if (place < 0 || place >= at.length) {
          const next: RecordedGroup | null = side > 0 ? at.after : at.before;
          if (!next) {
            this.#reading.askBeside(at, side as 1 | -1, rate, this.#mode);
            break;
          }
          at = next;
          place = side > 0 ? 0 : at.length - 1 - ((at.length - 1) % stride);
        }
        if (this.#shelf.get(at, place) === null && !this.#unseen.get(at)?.has(place))
          return this.#span(at, place, { rate, direction: side as 1 | -1 });
      }
    }
    return null;
  }

  /** As many pictures in one pass as may be kept, from one of them on. */
  #span(
    group: RecordedGroup,
    index: number,
    { rate, direction }: Pick<Wanted, "rate" | "direction">,
    atMost = Infinity,
  ): Job {
    const stride = this.#stride;
    const most = Math.min(atMost, this.#most(group)) * stride;
    if (rate === 0) {
      const half = Math.min(most >> 1, spanAtRest);
      return { group, from: Math.max(0, index - half), to: Math.min(group.length, index + half + 1), stride };
    }
    return direction > 0
      ? { group, from: index, to: Math.min(group.length, index + most), stride }
      : { group, from: Math.max(0, index + 1 - most), to: index + 1, stride };
  }

  /** How many pictures of a group may be kept on one side of the cursor. */
  #most({ format }: RecordedGroup): number {
    const scale = this.#scale(format);
    const bytes = scale < 1 ? scaledBytes(format, scale) : recordedBytes(format);
    return Math.max(2, Math.floor(budgetShare() / 2 / bytes));
  }

  /**
   * Pictures are kept in the recorded size where enough of them fit, else about as large as they are seen.
   * @returns A part of the recorded size, in steps, so that not every layout has pictures of its own.
   */
  #scale(format: SampleFormat): number {
    const { width, height } = this.options.frame.getBoundingClientRect();
    const seen = Math.min(width / format.width, height / format.height) * window.devicePixelRatio;
    const scale = Math.max(1, Math.ceil(seen * 8)) / 8;
    const enough = budgetShare() / 2 / recordedBytes(format) >= enoughPictures;
    return enough || scaledBytes(format, scale) >= recordedBytes(format) ? 1 : scale;
  }

  async #decode(job: Job, attempt: 1 | 2): Promise<void> {
    this.#job = job;
    const { group, from, to, stride } = job;
    let hasAny = false;
    const missing = new Set<number>();
    for (let index = Math.ceil(from / stride) * stride; index < to; index += stride)
      if (this.#shelf.get(group, index) === null) missing.add(index);
    const end = await this.#decoder.decode({
      group,
      from,
      to,
      scale: this.#scale(group.format),
      wants: (index) => missing.has(index),
      onPicture: (index, picture) => {
        missing.delete(index);
        hasAny = true;
        // It goes on, however slowly.
        if (this.#waiting !== null) this.#wait();
        const around = this.#wanted ?? { atUs: group.timesUs[index]!, direction: 1 as const };
        this.#shelf.add(group, index, picture, budgetShare(), around.atUs, around.direction);
        this.#settle();
      },
    });
    if (this.#job !== job) return;
    this.#job = null;
    if (end === "unsupported") return this.#fail(unsupportedMs);
    // A decoder in hardware may be taken away.
    if (end === "failed" && attempt === 1) return this.#decode(job, 2);
    if (end === "failed" || (end === "done" && !hasAny)) return this.#fail(retryMs);
    if (end === "done") for (const index of missing) this.#leaveOut(group, index);
    this.#settle();
    this.#pump();
  }

  #leaveOut(group: RecordedGroup, index: number): void {
    const unseen = this.#unseen.get(group) ?? new Set();
    this.#unseen.set(group, unseen.add(index));
  }

  /** Draws the picture that rests once more, in full size. */
  #sharpen(): void {
    const shown = this.#shown;
    if (!shown || shown.isFull) return;
    void this.#decodeOne(shown, (picture) => {
      if (this.#shown === shown) this.#draw(shown.group, shown.index, picture);
    }).then(() => {
      // Good enough as it was.
      shown.isFull = true;
    });
  }

  /** One of those that somebody wants in full size. */
  #decodeFull(): void {
    const { shown, resolve } = this.#fulls.shift()!;
    let canvas = this.options.canvas;
    void this.#decodeOne(shown, (picture) => drawOn((canvas = document.createElement("canvas")), picture)).then(() =>
      resolve(canvas),
    );
  }

  async #decodeOne({ group, index }: Shown, onPicture: (picture: Picture) => void): Promise<void> {
    const job: Job = (this.#job = { group, from: index, to: index + 1, stride: Infinity });
    await this.#decoder.decode({
      group,
      from: index,
      to: index + 1,
      scale: 1,
      wants: () => true,
      onPicture: (_, picture) => {
        onPicture(picture);
        picture.close();
      },
    });
    if (this.#job !== job) return;
    this.#job = null;
    this.#pump();
  }

  /** Looks again whenever something has come; null when something else is wanted, or nothing will come. */
  #until<T>(turn: number, look: () => T | null): Promise<T | null> {
    return new Promise((resolve) => {
      const again = () => {
        const found = turn === this.#turn ? look() : null;
        if (found === null && turn === this.#turn) return;
        this.#listeners.delete(again);
        resolve(found);
      };
      this.#listeners.add(again);
      again();
    });
  }

  #changed(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}

function drawOn(canvas: HTMLCanvasElement, { image, width, height }: Picture): void {
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  canvas.getContext("2d", { alpha: false })?.drawImage(image, 0, 0, width, height);
}
