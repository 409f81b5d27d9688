import {
  initialState,
  next,
  type PlayerError,
  type PlayerEvent,
  type PlayerState,
  type Transport,
} from "./playerState";
import type { LiveSession } from "./session";
import { startMse } from "./mseSession";
import { startWebRtc } from "./webRtcSession";

/** Where a live stream can be had, as `POST /api/cameras/{id}/live` says; each list in the order to try. */
export interface LiveAddress {
  whep: string[];
  mse: string[];
  /** Unix milliseconds; a stream that plays goes on after it. */
  expiresAt: number;
}

/** Refusal that a retry does not mend (no permission, no such camera). */
export class LiveRefusedError extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

export interface LivePlayerOptions {
  /** Asks control for an address. Throws `LiveRefusedError` for a refusal; any other error is worth a retry. */
  address: () => Promise<LiveAddress>;
  onState: (state: PlayerState) => void;
}

/** No frame for this long is a picture that stands still. */
const silentAfterMs = 3000;
/** WebRTC without a decoded frame for this long: the stream cannot be decoded that way (B-frames), MSE can. */
const webRtcFirstFrameMs = 4000;

/**
 * Shows a live stream in a video element: WebRTC first, MSE when that fails, and again by itself when either is lost. Keeps the
 * last address, so that a reconnect needs no answer from control while the ticket is valid. A plain class: React only shows its state.
 */
export class LivePlayer {
  #state: PlayerState = initialState;
  #session: LiveSession | null = null;
  #address: LiveAddress | null = null;
  /** A browser without WebRTC (switched off by policy) starts with what it has. */
  #transport: Transport = "RTCPeerConnection" in window ? "webrtc" : "mse";
  #webRtcFailures = 0;
  #closed = false;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #firstFrame: ReturnType<typeof setTimeout> | undefined;
  #watch: ReturnType<typeof setInterval>;
  #frames = 0;
  #lastFrameAt = 0;
  #frameCallback = 0;
  readonly #startedAt = performance.now();

  constructor(
    readonly video: HTMLVideoElement,
    readonly options: LivePlayerOptions,
  ) {
    video.muted = true;
    video.playsInline = true;
    video.dataset["frames"] = "0";
    this.#frameCallback = video.requestVideoFrameCallback(this.#onFrame);
    this.#watch = setInterval(this.#onSecond, 1000);
    this.#start();
  }

  get state(): PlayerState {
    return this.#state;
  }

  /** Milliseconds since the last frame was shown; null before the first. */
  get frameAgeMs(): number | null {
    return this.#lastFrameAt === 0 ? null : performance.now() - this.#lastFrameAt;
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#retry);
    clearTimeout(this.#firstFrame);
    clearInterval(this.#watch);
    this.video.cancelVideoFrameCallback(this.#frameCallback);
    this.#session?.close();
    this.video.removeAttribute("src");
    this.video.srcObject = null;
  }

  #start = () => {
    if (this.#closed) return;
    this.#dispatch({ type: "start", transport: this.#transport });
    const address = this.#currentAddress();
    if (this.#transport === "webrtc") {
      this.#firstFrame = setTimeout(
        () => this.#end({ code: "webrtcNoPicture", message: "WebRTC brought no picture." }, true),
        webRtcFirstFrameMs,
      );
      this.#session = startWebRtc(
        this.video,
        address.then((a) => a.whep),
        { onEnd: this.#end },
      );
      address.catch(this.#onAddressError);
    } else {
      address.then((a) => {
        if (!this.#closed) this.#session = startMse(this.video, a.mse, { onEnd: this.#end });
      }, this.#onAddressError);
    }
  };

  /** The kept one while it is valid: control may be down just now. */
  async #currentAddress(): Promise<LiveAddress> {
    if (this.#address && this.#address.expiresAt > Date.now() + 1000) return this.#address;
    return (this.#address = await this.options.address());
  }

  #onAddressError = (error: unknown) => {
    if (this.#closed) return;
    this.#session?.close();
    clearTimeout(this.#firstFrame);
    if (error instanceof LiveRefusedError)
      this.#dispatch({ type: "refused", error: { code: error.code, message: error.message } });
    else this.#wait({ code: "controlUnreachable", message: "The server does not answer." });
  };

  #end = (error: PlayerError, permanent: boolean) => {
    if (this.#closed) return;
    clearTimeout(this.#firstFrame);
    this.#session?.close();
    this.#session = null;
    const played = this.#state.kind === "playing" || this.#state.kind === "stalled";
    if (error.code === "ticketRequired") this.#address = null;
    if (this.#transport === "webrtc" && (permanent || !played)) {
      // Twice no WebRTC picture: this network or this stream is for MSE.
      this.#webRtcFailures += permanent ? 2 : 1;
      if (this.#webRtcFailures >= 2) this.#transport = "mse";
    } else if (this.#transport === "mse" && permanent) {
      return this.#dispatch({ type: "refused", error });
    }
    this.#wait(error);
  };

  #wait(error: PlayerError) {
    this.#dispatch({ type: "lost", error });
    if (this.#state.kind !== "waiting") return;
    clearTimeout(this.#retry);
    this.#retry = setTimeout(this.#start, this.#state.retryInMs);
  }

  #onFrame = (now: number) => {
    if (this.#closed) return;
    this.#frameCallback = this.video.requestVideoFrameCallback(this.#onFrame);
    this.#frames++;
    this.#lastFrameAt = now;
    if (this.#frames === 1) this.video.dataset["firstFrameMs"] = (now - this.#startedAt).toFixed(0);
    if (this.#state.kind !== "playing" && this.#session) {
      clearTimeout(this.#firstFrame);
      this.#webRtcFailures = 0;
      this.#dispatch({ type: "frame", transport: this.#transport });
    }
  };

  #onSecond = () => {
    this.video.dataset["frames"] = String(this.#frames);
    const age = this.frameAgeMs;
    if (age !== null && age > silentAfterMs) this.#dispatch({ type: "silent", now: Date.now() - age });
  };

  #dispatch(event: PlayerEvent) {
    const state = next(this.#state, event);
    if (state === this.#state) return;
    this.#state = state;
    this.video.dataset["state"] = state.kind;
    if ("transport" in state) this.video.dataset["transport"] = state.transport;
    this.options.onState(state);
  }
}
