import { prefer, type LiveSession, type SessionEvents } from "./session";

/** Longest wait for a connected transport before the next transport gets its chance. */
const connectTimeoutMs = 3000;
/** A port that a firewall swallows does not fail: then the next address gets its turn. */
const answerTimeoutMs = 1500;

/**
 * WHEP (RFC 9725): one POST with the offer, one answer. The server is ICE-lite with host candidates in its answer, so the offer
 * leaves at once, without waiting for candidates of our own.
 */
export function startWebRtc(video: HTMLVideoElement, whepUrls: Promise<string[]>, events: SessionEvents): LiveSession {
  const peer = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
  const abort = new AbortController();
  let resource: string | null = null;
  let ended = false;

  const end = (code: string, message: string, permanent = false) => {
    if (ended) return;
    close();
    events.onEnd({ code, message }, permanent);
  };
  const timer = setTimeout(() => end("webrtcTimeout", "No WebRTC connection within 3 s."), connectTimeoutMs);

  peer.addTransceiver("video", { direction: "recvonly" });
  peer.ontrack = ({ track, receiver }) => {
    // Show every frame as soon as it is there; the jitter buffer still grows when the network needs it.
    if ("jitterBufferTarget" in receiver) receiver.jitterBufferTarget = 0;
    video.srcObject = new MediaStream([track]);
    void video.play().catch(() => undefined);
  };
  peer.onconnectionstatechange = () => {
    if (peer.connectionState === "connected") clearTimeout(timer);
    if (peer.connectionState === "failed" || peer.connectionState === "closed")
      end("webrtcLost", "The WebRTC connection was lost.");
    if (peer.connectionState === "disconnected")
      setTimeout(
        () => peer.connectionState === "disconnected" && end("webrtcLost", "The WebRTC connection was lost."),
        1500,
      );
  };

  void negotiate();

  async function negotiate() {
    try {
      const [urls] = await Promise.all([whepUrls, peer.setLocalDescription()]);
      for (const [i, url] of urls.entries()) {
        let response: Response;
        try {
          response = await fetch(url, {
            method: "POST",
            headers: { "content-type": "application/sdp" },
            body: peer.localDescription?.sdp ?? "",
            signal: AbortSignal.any([abort.signal, AbortSignal.timeout(answerTimeoutMs)]),
          });
        } catch (error) {
          if (ended || i + 1 === urls.length) throw error;
          continue; // the plane's own port is not reachable from here: the front door is
        }
        if (!response.ok) {
          const problem = (await response.json().catch(() => null)) as { code?: string; title?: string } | null;
          const permanent = response.status === 415 || response.status === 422 || response.status === 406;
          return end(
            problem?.code ?? `http${response.status}`,
            problem?.title ?? "The server refused the stream.",
            permanent,
          );
        }
        prefer(urls, i);
        const location = response.headers.get("location");
        resource = location ? new URL(location, response.url).toString() : null;
        const answer = await response.text();
        if (!ended) await peer.setRemoteDescription({ type: "answer", sdp: answer });
        return;
      }
    } catch (error) {
      if (!ended) end("webrtcUnreachable", error instanceof Error ? error.message : "The server cannot be reached.");
    }
  }

  function close() {
    if (ended) return;
    ended = true;
    clearTimeout(timer);
    abort.abort();
    peer.onconnectionstatechange = null;
    peer.close();
    if (resource) void fetch(resource, { method: "DELETE", keepalive: true }).catch(() => undefined);
  }

  return { close };
}
