import {
  initialState,
  next,
  nextTransport,
  transportNames,
  type PlayerError,
  type PlayerEvent,
  type PlayerState,
  type Transport,
  type Way,
} from "./playerState";
import type { LiveSession } from "./session";
import { startHls } from "./hlsSession";
import { startMse } from "./mseSession";
import { startWebRtc } from "./webRtcSession";
import { words } from "./words";

/** Where a live stream can be had, as `POST /api/cameras/{id}/live` says; each list in the order to try. */
export interface LiveAddress {
  whep: string[];
  mse: string[];
  hls: string[];
  /** STUN and TURN servers of the operator. */
  iceServers: RTCIceServer[];
  /** Unix milliseconds; a stream that plays goes on after it. */
  expiresAt: number;
}

/** What to ask for: a stream of the camera, or one converted to H.264 for browsers that play nothing else. */
export interface LiveSource {
  stream: "main" | "sub";
  converted: boolean;
}

/** Not now: worth a retry, with these words until then. */
export class LiveBusyError extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
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
  /** In the order to try: the next one gets its turn when this browser cannot play the one before. */
  sources: LiveSource[];
  /** Asks control for an address. Throws `LiveRefusedError` for a refusal; any other error is worth a retry. */
  address: (source: LiveSource) => Promise<LiveAddress>;
  onSource: (source: LiveSource) => void;
  /** The server's clock, Unix milliseconds; null while it is not known. */
  serverNow: () => number | null;
  onState: (state: PlayerState) => void;
}

/** No frame for this long is a picture that stands still. */
const silentAfterMs = 3000;
/** A transport that showed a picture this short ago is not what fails: a plane restarts. It is not given up for another one. */
const trustMs = 5000;
/** After this long on a transport that is not the first, the first is tried again beside it; longer and longer while it fails. */
const upgradeMs = 20_000;
const longestUpgradeMs = 300_000;
/** WebRTC without a decoded frame for this long: the stream cannot be decoded that way (B-frames), MSE can. */
const webRtcFirstFrameMs = 4000;
/** The same where a relay may have to be found first. */
const relayedFirstFrameMs = 8000;

/** It is tried again all the same. */
const undecodableRetryMs = 60_000;

/** Why the picture does not come the best way, for ways of WebRTC. */
function wayReason(way: Way): string | undefined {
  if (way === "udp") return undefined;
  return way === "tcp" ? words.noUdp : words.noDirectWay;
}

function firstTransport(): Transport {
  return "RTCPeerConnection" in window ? "webrtc" : "mse";
}

/**
 * Shows a live stream in a video element: WebRTC first (UDP, TCP, a relay, as ICE finds them), MSE when that fails, low-latency HLS when WebSockets
 * fail, too, and again by itself when the picture is lost. Says why it is not the first of them. Keeps the
 * last address, so that a reconnect needs no answer from control while the ticket is valid. A plain class: React only shows its state.
 */
export class LivePlayer {
  #state: PlayerState = initialState;
  #session: LiveSession | null = null;
  /** What was asked for before it is of no interest any more. */
  #attempt = 0;
  #address: LiveAddress | null = null;
  #source = 0;
  #sourceShown = false; // it has brought a picture
  /** A browser without WebRTC (switched off by policy) starts with what it has. */
  #transport: Transport = firstTransport();
  #failures = 0; // of this transport since the last picture
  #undecoded = 0; // times that the browser gave up on the video since then
  #way: Way | undefined;
  #reasons: string[] = []; // why the transports before this one are not used
  #forGood = false; // one of those reasons is not the network's
  #upgrade: ReturnType<typeof setTimeout> | undefined;
  #upgradeInMs = upgradeMs;
  #probe: LiveSession | null = null;
  #probeDeadline: ReturnType<typeof setTimeout> | undefined;
  #closed = false;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #firstFrame: ReturnType<typeof setTimeout> | undefined;
  #watch: ReturnType<typeof setInterval>;
  #frames = 0;
  #lastFrameAt = 0;
  #capturedAt: number | null = null; // of the last frame, Unix milliseconds on the server
  #frameCallback = 0;
  #heard = false;
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
    window.addEventListener("online", this.#onOnline);
    this.#start();
  }

  get state(): PlayerState {
    return this.#state;
  }

  /** When what is on the screen was captured, Unix milliseconds on the server; null before the first frame, and while the clocks are not known. */
  get capturedAt(): number | null {
    return this.#capturedAt;
  }

  /** Milliseconds since what is on the screen was captured; null before the first frame, and while the clocks are not known. */
  get pictureAgeMs(): number | null {
    const now = this.options.serverNow();
    return this.#capturedAt === null || now === null ? null : Math.max(0, now - this.#capturedAt);
  }

  /** Milliseconds since the last frame was shown; null before the first. */
  get #stillMs(): number | null {
    return this.#lastFrameAt === 0 ? null : performance.now() - this.#lastFrameAt;
  }

  /** Switches the sound. Off at first; on only after something the viewer did, or browsers refuse. */
  hear(on: boolean, volume: number): void {
    this.video.volume = volume;
    this.video.muted = !on;
    if (on === this.#heard) return;
    this.#heard = on;
    if (!this.#session || this.#session.hear(on)) return;
    this.#session.close();
    this.#session = null;
    this.#start();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#retry);
    clearTimeout(this.#firstFrame);
    clearInterval(this.#watch);
    window.removeEventListener("online", this.#onOnline);
    this.#dropProbe();
    this.video.cancelVideoFrameCallback(this.#frameCallback);
    this.#session?.close();
    this.video.removeAttribute("src");
    this.video.srcObject = null;
  }

  /** The computer has its network back: no reason to wait. */
  #onOnline = () => {
    if (this.#state.kind !== "waiting") return;
    clearTimeout(this.#retry);
    this.#start();
  };

  #start = () => {
    if (this.#closed) return;
    this.#dispatch({ type: "start", transport: this.#transport });
    const attempt = ++this.#attempt;
    const isCurrent = () => !this.#closed && attempt === this.#attempt;
    const onAddressError = (error: unknown) => {
      if (isCurrent()) this.#onAddressError(error);
    };
    const address = this.#currentAddress();
    this.#way = undefined;
    if (this.#transport === "webrtc") {
      const begin = () => {
        if (!isCurrent()) return;
        this.#expectFrame(webRtcFirstFrameMs);
        const session = startWebRtc(this.video, address, this.#heard, { onEnd: this.#end, onWay: this.#onWay });
        this.#session = session;
        address.then(({ iceServers }) => {
          if (iceServers.length > 0 && this.#session === session && this.#state.kind === "connecting")
            this.#expectFrame(relayedFirstFrameMs);
        }, onAddressError);
      };
      // The server begins to convert before it says where: that takes a moment, which is not WebRTC's fault.
      if (this.options.sources[this.#source]!.converted) address.then(begin, onAddressError);
      else begin();
    } else {
      const isMse = this.#transport === "mse";
      address.then((a) => {
        if (!isCurrent()) return;
        this.#session = isMse
          ? startMse(this.video, a.mse, this.#heard, { onEnd: this.#end })
          : startHls(this.video, a.hls, { onEnd: this.#end });
      }, onAddressError);
    }
  };

  #expectFrame(withinMs: number) {
    clearTimeout(this.#firstFrame);
    this.#firstFrame = setTimeout(
      () => this.#end({ code: "webrtcNoPicture", message: words.broughtNoPicture }, true),
      withinMs,
    );
  }

  #onWay = (way: Way) => {
    this.#way = way;
    this.video.dataset["way"] = way;
    if (this.#state.kind === "playing") this.#showPlaying();
  };

  #showPlaying() {
    const reason = [...this.#reasons, ...(this.#way ? [wayReason(this.#way)] : [])].filter(Boolean).join(" ");
    this.video.dataset["reason"] = reason;
    this.#dispatch({ type: "frame", transport: this.#transport, way: this.#way, reason: reason || undefined });
  }

  /** The kept one while it is valid: control may be down just now. */
  async #currentAddress(): Promise<LiveAddress> {
    if (this.#address && this.#address.expiresAt > Date.now() + 1000) return this.#address;
    const source = this.#source;
    const address = await this.options.address(this.options.sources[source]!);
    if (source === this.#source) this.#address = address;
    return address;
  }

  #onAddressError = (error: unknown) => {
    this.#session?.close();
    this.#session = null;
    clearTimeout(this.#firstFrame);
    if (error instanceof LiveRefusedError && error.code === "conversionNotNeeded" && this.#sourceShown) {
      // It was, until the camera was set to a format that browsers play.
      this.#useSource(0);
      this.#wait({ code: error.code, message: error.message });
    } else if (error instanceof LiveRefusedError && error.code === "conversionNotNeeded") {
      // What browsers play, this one does not: a decoder that is gone may come back, so a wall must not stay dark until somebody reloads it.
      this.#dispatch({ type: "refused", error: { code: "unsupportedCodec", message: words.undecodable } });
      clearTimeout(this.#retry);
      this.#retry = setTimeout(() => {
        this.#useSource(0);
        this.#start();
      }, undecodableRetryMs);
    } else if (error instanceof LiveRefusedError)
      this.#dispatch({ type: "refused", error: { code: error.code, message: error.message } });
    else if (error instanceof LiveBusyError) this.#wait({ code: error.code, message: error.message });
    else this.#wait({ code: "controlUnreachable", message: words.noAnswer });
  };

  #end = (error: PlayerError, permanent: boolean) => {
    if (this.#closed) return;
    clearTimeout(this.#firstFrame);
    this.#dropProbe();
    this.#session?.close();
    this.#session = null;
    const played = this.#state.kind === "playing" || this.#state.kind === "stalled";
    // It said that it plays the codec, and does not: a profile, or no decoder is left.
    const isLast = this.#source + 1 === this.options.sources.length;
    if (error.code.endsWith("Decode") && !played && !isLast && ++this.#undecoded >= 2)
      error = { code: "unsupportedCodec", message: words.undecodable };
    // A converted stream that brings nothing is asked for anew: the server says why it does not come.
    // The ticket is no good any more: whoever may still watch gets another, and whoever may not is told so by the API, once.
    const isRefused = error.code === "ticketRequired" || error.code === "accessRevoked";
    if (isRefused || (!played && this.options.sources[this.#source]!.converted)) this.#address = null;
    permanent ||= error.code === "unsupportedCodec";
    if (permanent && (this.#transport === "mse" || (this.#transport === "hls" && error.code === "unsupportedCodec"))) {
      // What MSE cannot decode, HLS cannot either: another source, or none.
      if (error.code !== "unsupportedCodec" || isLast) return this.#dispatch({ type: "refused", error });
      this.#nextSource();
    } else if (permanent || !(played || isRefused || this.#blameless(error))) {
      // Twice no picture: this network or this stream is for the next one.
      this.#failures += permanent ? 2 : 1;
      if (this.#failures >= 2) this.#fallBack(error, permanent);
    }
    this.#wait(error);
  };

  /** The way is not what fails: it brought pictures a moment ago, or no way leads there just now (the page itself came by HTTP). */
  #blameless(error: PlayerError): boolean {
    if (error.code === "webrtcUnreachable") return true;
    return this.#lastFrameAt > 0 && performance.now() - this.#lastFrameAt < trustMs;
  }

  #fallBack(error: PlayerError, permanent: boolean) {
    const failed = this.#transport;
    this.#forGood ||= permanent && error.code !== "webrtcNoPicture";
    this.#failures = 0;
    this.#transport = nextTransport[failed];
    if (failed === "hls") {
      this.#reasons = [];
      this.#forGood = false;
    } else this.#reasons.push(`${transportNames[failed]}: ${error.message}`);
    if (this.#transport === "webrtc") this.#transport = firstTransport();
  }

  /** This browser cannot play the codec. */
  #nextSource() {
    this.#useSource(this.#source + 1);
  }

  #useSource(index: number) {
    this.#source = index;
    this.#sourceShown = false;
    this.#address = null;
    this.#transport = firstTransport();
    this.#failures = 0;
    this.#undecoded = 0;
    this.#reasons = [];
    this.#forGood = false;
    const source = this.options.sources[this.#source]!;
    this.video.dataset["converted"] = String(source.converted);
    this.options.onSource(source);
  }

  /** Networks change: WebRTC is tried again where nobody sees it, and takes over with its first frame. */
  #planUpgrade() {
    if (this.#transport === "webrtc" || firstTransport() !== "webrtc" || this.#forGood || this.#probe) return;
    clearTimeout(this.#upgrade);
    this.#upgrade = setTimeout(this.#tryUpgrade, this.#upgradeInMs);
  }

  #tryUpgrade = () => {
    if (this.#closed || this.#state.kind !== "playing") return;
    const probe = document.createElement("video");
    probe.muted = true;
    probe.playsInline = true;
    let way: Way | undefined;
    const failed = () => {
      this.#dropProbe();
      this.#upgradeInMs = Math.min(2 * this.#upgradeInMs, longestUpgradeMs);
      this.#planUpgrade();
    };
    const session: LiveSession = startWebRtc(probe, this.#currentAddress(), this.#heard, {
      onEnd: (error, permanent) => {
        if (this.#session === session) this.#end(error, permanent);
        else failed();
      },
      onWay: (found) => {
        way = found;
        if (this.#session === session) this.#onWay(found);
      },
    });
    this.#probe = session;
    this.#probeDeadline = setTimeout(failed, relayedFirstFrameMs);
    // Not a frame callback: an element outside the page shows none.
    probe.onloadeddata = () => {
      if (this.#closed || this.#probe !== session) return;
      this.#probe = null;
      this.#attempt++;
      clearTimeout(this.#probeDeadline);
      this.#session?.close();
      this.#session = session;
      this.#transport = "webrtc";
      this.#reasons = [];
      this.#failures = 0;
      this.#upgradeInMs = upgradeMs;
      this.video.removeAttribute("src");
      this.video.srcObject = probe.srcObject;
      probe.srcObject = null;
      void this.video.play().catch(() => undefined);
      this.#showPlaying();
      if (way) this.#onWay(way);
    };
  };

  #dropProbe() {
    clearTimeout(this.#upgrade);
    clearTimeout(this.#probeDeadline);
    const probe = this.#probe;
    this.#probe = null;
    probe?.close();
  }

  #wait(error: PlayerError) {
    this.#attempt++;
    this.#dispatch({ type: "lost", error });
    if (this.#state.kind !== "waiting") return;
    clearTimeout(this.#retry);
    this.#retry = setTimeout(this.#start, this.#state.retryInMs);
  }

  #onFrame = (now: number, frame: VideoFrameCallbackMetadata) => {
    if (this.#closed) return;
    this.#frameCallback = this.video.requestVideoFrameCallback(this.#onFrame);
    // Chromium shows a black frame when a WebRTC track ends, perhaps while the next session connects: that is no picture.
    if (!this.#session?.connected()) return;
    this.#frames++;
    this.#lastFrameAt = now;
    this.#capturedAt = this.#session.captureTime(frame);
    if (this.#frames === 1) this.video.dataset["firstFrameMs"] = (now - this.#startedAt).toFixed(0);
    if (this.#state.kind !== "playing") {
      clearTimeout(this.#firstFrame);
      this.#failures = 0;
      this.#undecoded = 0;
      this.#sourceShown = true;
      this.#showPlaying();
      this.#planUpgrade();
    }
  };

  #onSecond = () => {
    this.video.dataset["frames"] = String(this.#frames);
    this.video.dataset["ageMs"] = this.pictureAgeMs?.toFixed(0) ?? "";
    const still = this.#stillMs;
    if (still !== null && still > silentAfterMs) this.#dispatch({ type: "silent", now: Date.now() - still });
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
