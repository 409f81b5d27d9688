import Hls, { type Fragment } from "hls.js";
import { FrameDistance, stepTarget } from "./frameDistance";
import { ArchivePictures } from "./samples/ArchivePictures";
import { unplayableFormat } from "./unplayableFormat";
import { endOfRun, mediaOf, nearestFootage, wallOf } from "./wallClock";
import { words } from "./words";

/** How much of the archive one playlist spans around the wanted time, before and behind it in the direction of play. */
const behindMs = 60_000;
const aheadMs = 600_000;
/** Footage grows: what was missing at the end of a playlist may be there after this. */
const growsMs = 2_000;
/** After a failure it is not asked again at once. */
const retryMs = 5_000;
/** A seek that takes longer than this is no reason to wait for. */
const patienceMs = 4_000;
/** A new frame is seen this soon after its seek, also on a busy computer: after it, the frame is the same as before. */
const sameFrameMs = 700;
const bufferSeconds = 20;

export type PlaybackState =
  | { kind: "empty" }
  | { kind: "loading" }
  | { kind: "ready"; convertedFrom: string | null }
  /** Nothing was recorded at this time. */
  | { kind: "nothing"; at: number }
  | { kind: "failed"; message: string };

export interface PlaybackOptions {
  /** URL of a VOD playlist for a span, with whatever credential it needs; in H.264 whatever was recorded when `converted`. */
  playlist: (from: number, to: number, converted: boolean) => Promise<string>;
  onState: (state: PlaybackState) => void;
  /** Whether what is loaded can be heard. */
  onSound: (hasSound: boolean) => void;
  /** Frames per second as far as is known before the first was seen. */
  fps: number;
  /** Shows the last picture while the next playlist loads. */
  still: HTMLCanvasElement | null;
  /** Over the video: shows pictures that are decoded one by one. Hidden and shown here. */
  canvas: HTMLCanvasElement;
  /** WebSocket address of the archive's samples, with whatever credential it needs. */
  samples: () => Promise<string>;
  /** How single pictures come: decoded here, or by seeks of the video. */
  onPictures: (how: "samples" | "seeks") => void;
}

/**
 * Shows the archive of one camera by wall clock: loads an HLS window around a time and maps media time to wall clock by the playlist's
 * program date times. Backwards, fast and by steps, it decodes the recorded samples itself where the browser can. When to play, how fast and what to do in a hole is decided by `PlaybackGroup`. Knows no React.
 */
export class PlaybackPlayer {
  #hls: Hls | null = null;
  #window: { from: number; to: number } | null = null;
  #fragments: Fragment[] = [];
  #wanted: number;
  #state: PlaybackState = { kind: "empty" };
  #failedAt = 0;
  #closed = false;
  #load = 0;
  /** What is being loaded. */
  #loading: { from: number; to: number } | null = null;
  #soughtAt = 0;
  /** The recorded format that this browser turned out not to play. */
  #convertedFrom: string | null = null;
  readonly #distance: FrameDistance;
  /** Media time of the frame that is seen. */
  #shown: number | null = null;
  #onFrame: (() => void) | null = null;
  #frameCallback = 0;
  readonly #pictures: ArchivePictures;
  /** At which time runs over single pictures, 0 while one of them rests; null while the video is what is seen, or will be. */
  #pictureRate: number | null = null;

  constructor(
    readonly video: HTMLVideoElement,
    readonly options: PlaybackOptions,
    at: number,
  ) {
    this.#wanted = at;
    this.#distance = new FrameDistance(1 / options.fps);
    this.#pictures = new ArchivePictures({
      canvas: options.canvas,
      frame: video,
      url: options.samples,
      frameMs: () => this.#distance.seconds * 1000,
      onPicture: () => this.#cover(),
      onFail: () => {
        this.options.onPictures("seeks");
        if (this.#pictureRate !== null) this.place(this.#wanted, this.#pictureRate < 0 ? -1 : 1);
      },
    });
    options.canvas.hidden = true;
    video.addEventListener("seeked", this.#onSeeked);
    this.#awaitFrame();
  }

  /** Whether any picture can be shown without a seek, as often as frames were recorded. */
  get smooth(): boolean {
    return this.#pictures.usable;
  }

  /** The wall clock time of the shown picture; the wanted one while it loads. */
  get at(): number {
    if (this.#pictureRate !== null) return this.#pictures.shownAt ?? this.#wanted;
    if (this.#loading || this.video.seeking) return this.#wanted;
    return wallOf(this.#fragments, this.video.currentTime) ?? this.#wanted;
  }

  /** Whether a picture is on its way: waiting for it is right, up to a point. */
  get busy(): boolean {
    if (this.#loading) return true;
    if (this.#state.kind !== "ready") return false;
    if (this.#pictureRate !== null) return this.#pictures.busy;
    return (this.video.seeking || this.video.readyState < 3) && performance.now() - this.#soughtAt < patienceMs;
  }

  /** Nothing to show and no hope of it for the moment. */
  get failed(): boolean {
    return this.#state.kind === "failed";
  }

  get ended(): boolean {
    return this.video.ended;
  }

  /** Whether it can say what was recorded at a time. */
  knows(at: number): boolean {
    if (!this.#window || at < this.#window.from || at > this.#window.to) return false;
    const old = Date.now() - this.#window.to > growsMs;
    return !(old && mediaOf(this.#fragments, at) === null && this.#window.to - at < 10_000);
  }

  has(at: number): boolean {
    return mediaOf(this.#fragments, at) !== null && this.#window !== null;
  }

  nearest(at: number, direction: 1 | -1): number | null {
    return this.#window ? nearestFootage(this.#fragments, at, direction) : null;
  }

  endOfRun(at: number): number {
    return endOfRun(this.#fragments, at);
  }

  /** Shows the picture of a time, loading what is needed; a hole shows itself as one. */
  place(at: number, direction: 1 | -1 = 1): void {
    // The middle of the frame that is seen: the playlist's clock is some milliseconds off that of the samples.
    const isShown = this.#pictureRate !== null && this.#pictures.shownAt === at;
    this.#pictureRate = null;
    this.#bring(isShown ? at + this.#distance.seconds * 500 : at, direction);
  }

  /**
   * Shows the picture of a time as one of many, backwards or fast; by a seek where the browser or the server can do no better.
   * @param rate At which time runs; 0 for one picture that rests.
   */
  show(at: number, rate: number): void {
    const direction = rate < 0 ? -1 : 1;
    if (!this.video.paused) this.video.pause();
    this.#pictureRate = this.smooth ? rate : null;
    this.options.onPictures(this.smooth ? "samples" : "seeks");
    this.#bring(at, direction);
  }

  #bring(at: number, direction: 1 | -1): void {
    this.#wanted = at;
    // What arrives is shown at the wanted time.
    if (this.#loading && at >= this.#loading.from && at <= this.#loading.to) return;
    if (!this.knows(at)) {
      if (this.failed && performance.now() - this.#failedAt < retryMs) return;
      void this.#loadAround(at, direction);
      return;
    }
    this.#abandonLoad();
    this.#show(at);
  }

  /** Plays on from where it is. */
  run(rate: number): void {
    if (this.video.playbackRate !== rate) this.video.playbackRate = rate;
    this.video.defaultPlaybackRate = rate;
    if (this.#hls) this.#hls.config.maxBufferLength = bufferSeconds * Math.max(1, Math.min(3, rate));
    if (this.video.paused && this.#state.kind === "ready") void this.video.play().catch(() => undefined);
  }

  hold(): void {
    if (!this.video.paused) this.video.pause();
    if (this.#pictureRate === null || this.#pictureRate === 0) return;
    this.#pictureRate = 0;
    this.#pictures.rest();
  }

  hear(heard: boolean, volume: number): void {
    this.video.muted = !heard;
    this.video.volume = volume;
  }

  /** Tries again at once, after a failure. */
  retry(): void {
    this.#window = null;
    void this.#loadAround(this.#wanted, 1);
  }

  /** Exactly one frame on or back; streams whose frames come unevenly are asked again a little further away. */
  async step(direction: 1 | -1): Promise<void> {
    this.hold();
    const covered = this.#pictureRate !== null ? this.#pictures.shownAt : null;
    if (await this.#stepPictures(direction, covered)) return;
    this.options.onPictures("seeks");
    const from = (covered && mediaOf(this.#fragments, covered)) ?? this.#shown ?? this.video.currentTime;
    // Twice the nearest: at the edge of what is loaded, the first seek may show the same frame until more is there.
    for (const frames of [1, 1, 2, 3, 4, 5, 6]) {
      this.video.currentTime = stepTarget(from, direction * frames, this.#distance.seconds);
      await this.#otherFrame(from);
      if (this.#shown === null || Math.abs(this.#shown - from) > 0.001) break;
    }
    this.#wanted = this.at;
  }

  /** What is seen, in the size in which it was recorded. */
  async picture(): Promise<HTMLVideoElement | HTMLCanvasElement> {
    if (this.#pictureRate === null || this.#pictures.shownAt === null) return this.video;
    return await this.#pictures.full();
  }

  close(): void {
    this.#closed = true;
    this.#pictures.close();
    this.video.removeEventListener("seeked", this.#onSeeked);
    if (this.#frameCallback !== 0) this.video.cancelVideoFrameCallback(this.#frameCallback);
    this.#hls?.destroy();
  }

  /** @param covered Time of the decoded picture that is seen; null when it is the video. */
  async #stepPictures(direction: 1 | -1, covered: number | null): Promise<boolean> {
    const shown = covered ?? wallOf(this.#fragments, this.#shown ?? this.video.currentTime);
    if (!this.smooth || this.#state.kind !== "ready" || shown === null) return false;
    this.#pictureRate = 0;
    // The playlist's clock is some milliseconds off that of the samples: the middle of the frame belongs to it by either.
    const stepped = await this.#pictures.step(covered ?? shown + this.#distance.seconds * 500, direction);
    if (stepped === null) {
      // Meanwhile something else was wanted of it.
      if (this.smooth) return true;
      this.#pictureRate = null;
      return false;
    }
    this.#wanted = stepped;
    this.options.onPictures("samples");
    return true;
  }

  /** Decoded pictures are seen instead of the video. */
  #cover(): void {
    if (this.#pictureRate !== null && this.#state.kind !== "nothing") this.options.canvas.hidden = false;
  }

  /** The video is seen again, once it shows the frame that is wanted. */
  #uncover(): void {
    if (this.#pictureRate !== null || this.#loading || this.video.seeking || this.options.canvas.hidden) return;
    this.options.canvas.hidden = true;
    this.#pictures.leave();
  }

  /** A seek to the frame that the video shows already brings none. */
  #onSeeked = () => setTimeout(() => this.#uncover(), sameFrameMs);

  /** The window that is there will do. */
  #abandonLoad(): void {
    if (!this.#loading) return;
    this.#load++;
    this.#loading = null;
  }

  #show(at: number): void {
    const media = mediaOf(this.#fragments, at);
    if (media === null) {
      this.hold();
      this.options.canvas.hidden = true;
      return this.#become({ kind: "nothing", at });
    }
    this.#become({ kind: "ready", convertedFrom: this.#convertedFrom });
    if (this.#pictureRate !== null) {
      this.#pictures.show(at, this.#pictureRate);
      if (!this.#pictures.busy) this.#cover();
      return;
    }
    this.#soughtAt = performance.now();
    if (Math.abs(this.video.currentTime - media) > 0.0005) this.video.currentTime = media;
    else if (this.video.readyState >= 2) this.#uncover();
  }

  #become(state: PlaybackState): void {
    const before = this.#state;
    if (state.kind === before.kind && state.kind !== "failed" && state.kind !== "nothing") return;
    // Time goes on in a hole; what is said about it need not be said ten times a second.
    if (state.kind === "nothing" && before.kind === "nothing" && Math.abs(state.at - before.at) < 1_000) return;
    if (state.kind === "failed") this.#failedAt = performance.now();
    this.#state = state;
    this.options.onState(state);
  }

  async #loadAround(at: number, direction: 1 | -1): Promise<void> {
    const load = ++this.#load;
    const [before, after] = direction > 0 ? [behindMs, aheadMs] : [aheadMs, behindMs];
    const span = { from: at - before, to: Math.min(at + after, Date.now()) };
    this.#loading = span;
    this.#become({ kind: "loading" });
    let url: string;
    try {
      url = await this.options.playlist(span.from, span.to, this.#convertedFrom !== null);
    } catch (error) {
      if (load === this.#load) this.#fail(error instanceof Error ? error.message : words.notAvailable);
      return;
    }
    if (this.#closed || load !== this.#load) return;
    this.#keepStill();
    this.#hls?.destroy();
    this.#fragments = [];
    this.#window = null;
    this.#shown = null;
    const hls = new Hls({
      maxBufferLength: bufferSeconds,
      backBufferLength: 2 * bufferSeconds,
      enableWorker: true,
      startPosition: 0,
    });
    this.#hls = hls;
    hls.on(Hls.Events.LEVEL_LOADED, (_, { details }) => {
      if (this.#hls !== hls) return;
      this.#fragments = details.fragments;
      this.#arrived(span);
    });
    hls.on(Hls.Events.BUFFER_CREATED, (_, { tracks }) => {
      if (this.#hls === hls) this.options.onSound("audiovideo" in tracks || "audio" in tracks);
    });
    hls.on(Hls.Events.ERROR, (_, data) => {
      const unplayable = unplayableFormat(data);
      if (unplayable !== null && this.#convertedFrom === null) {
        this.#convertedFrom = unplayable;
        this.#window = null;
        void this.#loadAround(this.#wanted, direction);
        return;
      }
      if (!data.fatal || this.#hls !== hls) return;
      const status = data.response?.code;
      // Nothing at all was recorded in this window.
      if (status === 404) return this.#arrived(span);
      this.#window = null;
      this.#fail(status ? words.answered(status) : words.notRead);
    });
    hls.loadSource(url);
    hls.attachMedia(this.video);
  }

  #arrived(span: { from: number; to: number }): void {
    this.#window = span;
    this.#loading = null;
    // Meanwhile another time may be wanted.
    this.#bring(this.#wanted, 1);
  }

  #fail(message: string): void {
    this.#loading = null;
    this.#become({ kind: "failed", message });
  }

  /** The browser empties the video when its source changes; an operator who drags the timeline wants no black in between. */
  #keepStill(): void {
    const { still } = this.options;
    if (!still || this.video.readyState < 2) return;
    still.width = this.video.videoWidth;
    still.height = this.video.videoHeight;
    still.getContext("2d")?.drawImage(this.video, 0, 0);
  }

  #awaitFrame(): void {
    // An old browser: single frames are then only about exact.
    if (!("requestVideoFrameCallback" in this.video)) return;
    this.#frameCallback = this.video.requestVideoFrameCallback((_, frame) => {
      this.#shown = frame.mediaTime;
      this.#distance.note(frame.mediaTime, frame.presentedFrames, this.video.playbackRate);
      this.#uncover();
      this.#onFrame?.();
      if (!this.#closed) this.#awaitFrame();
    });
  }

  /** A frame other than this one. A seek that changes nothing brings none; one that has to load takes its time. */
  #otherFrame(than: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.video.removeEventListener("seeked", settled);
        this.#onFrame = null;
        resolve();
      };
      const settled = () => {
        clearTimeout(timer);
        timer = setTimeout(done, sameFrameMs);
      };
      let timer = setTimeout(done, patienceMs);
      this.video.addEventListener("seeked", settled);
      this.#onFrame = () => {
        if (this.#shown !== null && Math.abs(this.#shown - than) > 0.001) done();
      };
    });
  }
}
