import Hls, { type ErrorData, type Fragment } from "hls.js";

/** How much of the archive one playlist spans around the wanted time. */
const beforeMs = 60_000;
const afterMs = 600_000;
/** This close to the end of the window the next one is loaded. */
const extendMs = 5_000;
const frameSeconds = 1 / 25;

export type PlaybackState =
  | { kind: "empty" }
  | { kind: "loading" }
  | { kind: "ready"; convertedFrom: string | null }
  | { kind: "nothing"; at: number }
  | { kind: "failed"; message: string };

export interface PlaybackOptions {
  /** URL of a VOD playlist for a span, with whatever credential it needs; in H.264 whatever was recorded when `converted`. */
  playlist: (from: number, to: number, converted: boolean) => Promise<string>;
  onState: (state: PlaybackState) => void;
}

/** The format in which the browser refused the recording; null for any other error. */
function unplayableFormat(data: ErrorData): string | null {
  if (
    data.details !== Hls.ErrorDetails.BUFFER_ADD_CODEC_ERROR &&
    data.details !== Hls.ErrorDetails.BUFFER_INCOMPATIBLE_CODECS_ERROR
  )
    return null;
  return /codecs="?([^"; ]+)/.exec(data.mimeType ?? "")?.[1] ?? "";
}

/**
 * Plays the archive by wall clock: loads an HLS window around a time, maps media time to wall clock by the playlist's
 * program date times, and goes on to the next window at its end. Knows no React.
 */
export class PlaybackPlayer {
  #hls: Hls | null = null;
  #window: { from: number; to: number } | null = null;
  #fragments: Fragment[] = [];
  #wanted: number;
  #closed = false;
  #load = 0;
  /** The recorded format that this browser turned out not to play. */
  #convertedFrom: string | null = null;

  constructor(
    readonly video: HTMLVideoElement,
    readonly options: PlaybackOptions,
    at: number,
  ) {
    this.#wanted = at;
    video.addEventListener("timeupdate", this.#onTime);
    video.addEventListener("ended", this.#onEnded);
  }

  /** The wall clock time of the shown picture; the wanted one while it loads. */
  get at(): number {
    return this.#wallOf(this.video.currentTime) ?? this.#wanted;
  }

  async seek(at: number, play = !this.video.paused): Promise<void> {
    this.#wanted = at;
    const media = this.#mediaOf(at);
    if (this.#window && at >= this.#window.from && at < this.#window.to && media !== null) {
      this.video.currentTime = media;
      if (play) void this.video.play().catch(() => undefined);
      return;
    }
    await this.#loadAround(at, play);
  }

  /** Forgets what is loaded: the archive has grown or another camera is shown. */
  reload(): void {
    this.#window = null;
  }

  step(frames: number): void {
    this.video.pause();
    this.video.currentTime += frames * frameSeconds;
  }

  close(): void {
    this.#closed = true;
    this.video.removeEventListener("timeupdate", this.#onTime);
    this.video.removeEventListener("ended", this.#onEnded);
    this.#hls?.destroy();
  }

  async #loadAround(at: number, play: boolean): Promise<void> {
    const load = ++this.#load;
    const span = { from: at - beforeMs, to: Math.min(at + afterMs, Date.now()) };
    this.options.onState({ kind: "loading" });
    let url: string;
    try {
      url = await this.options.playlist(span.from, span.to, this.#convertedFrom !== null);
    } catch (error) {
      if (load === this.#load)
        this.options.onState({ kind: "failed", message: error instanceof Error ? error.message : "Not available." });
      return;
    }
    if (this.#closed || load !== this.#load) return;
    this.#hls?.destroy();
    this.#fragments = [];
    const hls = new Hls({ maxBufferLength: 20, backBufferLength: 20, enableWorker: true, startPosition: 0 });
    this.#hls = hls;
    hls.on(Hls.Events.LEVEL_LOADED, (_, { details }) => {
      this.#fragments = details.fragments;
      this.#window = span;
      const media = this.#mediaOf(at);
      if (media === null) return this.options.onState({ kind: "nothing", at });
      this.video.currentTime = media;
      this.options.onState({ kind: "ready", convertedFrom: this.#convertedFrom });
      if (play) void this.video.play().catch(() => undefined);
    });
    hls.on(Hls.Events.ERROR, (_, data) => {
      const unplayable = unplayableFormat(data);
      if (unplayable !== null && this.#convertedFrom === null) {
        this.#convertedFrom = unplayable;
        this.#window = null;
        void this.#loadAround(at, play);
        return;
      }
      if (!data.fatal || this.#hls !== hls) return;
      const status = data.response?.code;
      if (status === 404) this.options.onState({ kind: "nothing", at });
      else
        this.options.onState({
          kind: "failed",
          message: status ? `The server answered ${status}.` : "The recording could not be read.",
        });
      this.#window = null;
    });
    hls.loadSource(url);
    hls.attachMedia(this.video);
  }

  #wallOf(media: number): number | null {
    const fragment = this.#fragments.findLast((f) => f.start <= media + 0.001);
    return fragment?.programDateTime == null ? null : fragment.programDateTime + (media - fragment.start) * 1000;
  }

  /** Media time of a wall clock time; in a gap, the start of what comes after it. */
  #mediaOf(at: number): number | null {
    for (const fragment of this.#fragments) {
      if (fragment.programDateTime == null) continue;
      if (at < fragment.programDateTime + fragment.duration * 1000)
        return fragment.start + Math.max(0, at - fragment.programDateTime) / 1000;
    }
    return null;
  }

  #onTime = () => {
    const at = this.#wallOf(this.video.currentTime);
    if (at === null) return;
    this.#wanted = at;
    if (
      this.#window &&
      !this.video.paused &&
      at > this.#window.to - extendMs &&
      this.#window.to < Date.now() - extendMs
    )
      this.#onEnded();
  };

  #onEnded = () => {
    if (this.#closed || !this.#window) return;
    const at = this.at;
    this.#window = null;
    void this.#loadAround(at, true);
  };
}
