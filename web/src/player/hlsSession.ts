import type Hls from "hls.js";
import { problemCode } from "./problemCode";
import { prefer, type LiveSession, type SessionEvents } from "./session";
import { words } from "./words";

/** From the start to the first picture; the playlist alone may wait for a keyframe. */
const firstPictureMs = 12_000;
/** Times that a decoder is started anew without a picture between. */
const maxRecoveries = 2;
/** The picture stands still for this long: begin again. */
const silenceMs = 8000;

/**
 * Low-latency HLS: plain requests, for networks that let neither WebRTC nor WebSockets through. The library is loaded when it is needed, which is
 * seldom.
 */
export function startHls(video: HTMLVideoElement, urls: string[], events: SessionEvents): LiveSession {
  let ended = false;
  let player: Hls | null = null;
  let loaded = false;
  let recoveries = 0;
  let silence: ReturnType<typeof setTimeout> | undefined;

  const end = (code: string, message: string, permanent = false) => {
    if (ended) return;
    close();
    events.onEnd({ code, message }, permanent);
  };
  const expect = (withinMs: number) => {
    clearTimeout(silence);
    silence = setTimeout(() => end("hlsSilent", words.noVideo), withinMs);
  };
  const onProgress = () => {
    recoveries = 0;
    expect(silenceMs);
  };

  expect(firstPictureMs);
  video.addEventListener("timeupdate", onProgress);
  void begin(0);

  async function begin(index: number) {
    const url = urls[index];
    if (!url) return end("hlsUnreachable", words.notReached);
    const { default: Player } = await import("hls.js").catch(() => ({ default: null }));
    if (ended) return;
    if (!Player?.isSupported()) return native(url);

    player?.destroy();
    const attempt = new Player({ lowLatencyMode: true, enableWorker: true, backBufferLength: 10 });
    player = attempt;
    attempt.on(Player.Events.MANIFEST_PARSED, () => {
      prefer(urls, index);
      loaded = true;
      void video.play().catch(() => undefined);
    });
    attempt.on(Player.Events.ERROR, (_, data) => {
      if (!data.fatal || ended) return;
      if (data.details === Player.ErrorDetails.MANIFEST_LOAD_ERROR && !data.response?.code)
        return void begin(index + 1);
      if (data.response?.code === 401) return end("ticketRequired", words.rightExpired);
      if (data.response?.code === 403 && problemCode(data.networkDetails) === "accessRevoked")
        return end("accessRevoked", words.rightTaken);
      if (data.type === Player.ErrorTypes.MEDIA_ERROR) {
        if (++recoveries > maxRecoveries) return end("hlsDecode", words.notDecoded);
        return attempt.recoverMediaError();
      }
      end("hlsFailed", data.response?.code ? words.answered(data.response.code) : words.notReached);
    });
    attempt.loadSource(url);
    attempt.attachMedia(video);
  }

  /** Safari on a phone plays it by itself. */
  function native(url: string) {
    if (!video.canPlayType("application/vnd.apple.mpegurl")) return end("hlsUnsupported", words.noHls);
    video.srcObject = null;
    video.src = url;
    loaded = true;
    video.onerror = () => end("hlsFailed", words.notReached);
    void video.play().catch(() => undefined);
  }

  function close() {
    if (ended) return;
    ended = true;
    clearTimeout(silence);
    video.removeEventListener("timeupdate", onProgress);
    video.onerror = null;
    player?.destroy();
  }

  // Between the frames' own times the playlist's dates count (EXT-X-PROGRAM-DATE-TIME).
  const captureTime = () => player?.playingDate?.getTime() ?? null;

  // Sound is part of every segment: whether it is heard is the element's affair.
  return { close, connected: () => loaded, captureTime, hear: () => true };
}
