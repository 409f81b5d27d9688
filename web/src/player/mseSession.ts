import { openFirst } from "./openSocket";
import { readProducerTime, type ProducerTime } from "./producerTime";
import { prefer, type LiveSession, type SessionEvents } from "./session";
import { words } from "./words";

/** Behind by more than this: jump to the live edge instead of playing faster. */
const jumpBehindSeconds = 3;
/** Played video kept in the buffer. */
const keepSeconds = 10;
/** Fragments waiting for the source buffer; more means the browser does not keep up. */
const maxQueued = 256;
/** The socket is open but silent: the server or the network has gone. */
const silenceMs = 1500;

const pictureCodecs = ["avc1.42E01E", "avc1.4D4028", "avc1.640028", "avc1.640033", "hvc1.1.6.L120.90"];
const soundCodecs = ["mp4a.40.2", "opus", "flac"];

/** Sound that is not named is not sent. */
function playableCodecs(sound: boolean): string {
  return (sound ? [...pictureCodecs, ...soundCodecs] : pictureCodecs)
    .filter(
      (c) =>
        MediaSource.isTypeSupported(`video/mp4; codecs="${c}"`) ||
        MediaSource.isTypeSupported(`audio/mp4; codecs="${c}"`),
    )
    .join(",");
}

/**
 * fMP4 over WebSocket: we say what we can play, the server answers with the type, then init segment and fragments.
 * Keeps near the live edge by playing a little faster while there is more buffered than needed.
 */
export function startMse(video: HTMLVideoElement, urls: string[], sound: boolean, events: SessionEvents): LiveSession {
  let ended = false;
  let socket: WebSocket | null = null;
  let source: MediaSource | null = null;
  let buffer: SourceBuffer | null = null;
  let bufferedTracks = 0;
  let objectUrl: string | null = null;
  let queue: ArrayBuffer[] = [];
  let silence: ReturnType<typeof setTimeout> | undefined;
  let produced: ProducerTime | null = null;

  const end = (code: string, message: string, permanent = false) => {
    if (ended) return;
    close();
    events.onEnd({ code, message }, permanent);
  };

  video.addEventListener("error", onDecodeError);
  const race = openFirst(
    urls,
    (opened, index) => {
      socket = opened;
      opened.binaryType = "arraybuffer";
      opened.onmessage = ({ data }) => {
        listen();
        if (typeof data === "string") onText(data);
        else onFragment(data as ArrayBuffer);
      };
      opened.onclose = ({ code, reason }) =>
        reason === "accessRevoked"
          ? end(reason, words.rightTaken)
          : end(reason || `closed${code}`, reason || words.closed, code === 4415);
      prefer(urls, index);
      listen();
      opened.send(JSON.stringify({ type: "mse", value: playableCodecs(sound) }));
    },
    () => end("mseUnreachable", words.notReached),
  );

  /** Every message proves that the connection lives. */
  function listen() {
    clearTimeout(silence);
    silence = setTimeout(() => end("mseSilent", words.noVideo), silenceMs * (buffer ? 1 : 3));
  }

  function onText(text: string) {
    const message = JSON.parse(text) as { type: string; value: string };
    if (message.type === "error")
      return message.value.endsWith("unsupportedCodec")
        ? end("unsupportedCodec", words.unplayable, true)
        : end("mseRefused", message.value);
    if (message.type !== "mse") return;
    if (!MediaSource.isTypeSupported(message.value))
      return end("unsupportedCodec", words.unplayableType(message.value), true);
    const tracks = message.value.split(",").length;
    if (buffer && source?.readyState === "open" && tracks === bufferedTracks) {
      buffer.changeType(message.value);
      return;
    }
    // The first one, or sound came or went: a buffer keeps the number of its tracks.
    if (objectUrl) URL.revokeObjectURL(objectUrl);
    buffer = null;
    queue = [];
    bufferedTracks = tracks;
    const opening = (source = new MediaSource());
    objectUrl = URL.createObjectURL(source);
    video.srcObject = null;
    video.src = objectUrl;
    source.addEventListener(
      "sourceopen",
      () => {
        if (ended || source !== opening) return;
        buffer = opening.addSourceBuffer(message.value);
        buffer.mode = "segments";
        buffer.addEventListener("updateend", onAppended);
        pump();
      },
      { once: true },
    );
  }

  function onFragment(fragment: ArrayBuffer) {
    produced = readProducerTime(fragment) ?? produced;
    queue.push(fragment);
    if (queue.length > maxQueued) return end("mseSlow", words.tooSlow);
    pump();
  }

  function pump() {
    if (!buffer || buffer.updating || ended) return;
    const first = queue.shift();
    if (!first) return;
    let all = first;
    if (queue.length > 0) {
      // One append for everything that waits: appends cost more than bytes.
      const parts = [first, ...queue];
      queue = [];
      const joined = new Uint8Array(parts.reduce((sum, p) => sum + p.byteLength, 0));
      let at = 0;
      for (const part of parts) {
        joined.set(new Uint8Array(part), at);
        at += part.byteLength;
      }
      all = joined.buffer;
    }
    try {
      buffer.appendBuffer(all);
    } catch (error) {
      onDecodeError();
      end("mseAppend", error instanceof Error ? error.message : words.videoRefused);
    }
  }

  function onDecodeError() {
    if (video.error && video.error.code >= MediaError.MEDIA_ERR_DECODE) end("mseDecode", words.notDecoded);
  }

  function onAppended() {
    if (!buffer || ended) return;
    const ranges = buffer.buffered;
    if (ranges.length > 0) {
      const edge = ranges.end(ranges.length - 1);
      const start = ranges.start(ranges.length - 1);
      const behind = edge - video.currentTime;
      if (video.currentTime < start || behind > jumpBehindSeconds) video.currentTime = Math.max(start, edge - 0.1);
      else video.playbackRate = behind > 0.3 ? Math.min(1.5, 1 + (behind - 0.2) / 2) : 1;
      if (video.paused) void video.play().catch(() => undefined);
      if (queue.length === 0 && !buffer.updating && ranges.start(0) < video.currentTime - 2 * keepSeconds) {
        buffer.remove(0, video.currentTime - keepSeconds);
        return; // the next updateend goes on
      }
    }
    pump();
  }

  function close() {
    if (ended) return;
    ended = true;
    video.removeEventListener("error", onDecodeError);
    race.cancel();
    clearTimeout(silence);
    socket?.close();
    queue = [];
    if (objectUrl) URL.revokeObjectURL(objectUrl);
  }

  const captureTime = ({ mediaTime }: VideoFrameCallbackMetadata) =>
    produced && produced.captured + (mediaTime - produced.mediaTime) * 1000;

  return { close, connected: () => buffer !== null, captureTime, hear: (on) => sound || !on };
}
