import type { LiveAddress } from "./LivePlayer";
import { restartedAnswer, restartFragment } from "./iceRestart";
import { prefer, type LiveSession, type SessionEvents } from "./session";
import { words } from "./words";

/** Longest wait for a connected transport before the next transport gets its chance. */
const connectTimeoutMs = 3000;
/** The same where a relay may have to be found first. */
const relayedTimeoutMs = 7000;
/** A port that a firewall swallows does not fail: then the next address gets its turn. */
const answerTimeoutMs = 1500;
/** The way to the server is silent for this long: look for another one. */
const disconnectedMs = 1000;
/** Clocks drift: asked again which capture time a timestamp stands for. */
const clockMs = 15_000;
/** Longest wait for a new way before everything begins again. */
const restartTimeoutMs = 4000;

/** The capture time, Unix milliseconds, of the picture with an RTP timestamp. */
interface VideoClock {
  timestamp: number;
  rate: number;
  captured: number;
}

/**
 * WHEP (RFC 9725): one POST with the offer, one answer. The server is ICE-lite with host candidates in its answer, so the offer
 * leaves at once, without waiting for candidates of our own. When the way to the server is lost (another network), ICE is restarted and the session goes
 * on.
 */
export function startWebRtc(
  video: HTMLVideoElement,
  address: Promise<Pick<LiveAddress, "whep" | "iceServers">>,
  sound: boolean,
  events: SessionEvents,
): LiveSession {
  const media = new MediaStream();
  const peer = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
  const abort = new AbortController();
  let resource: string | null = null;
  let answer = "";
  let ended = false;
  let heard = sound;
  let restart: ReturnType<typeof setTimeout> | undefined;
  let clock: VideoClock | null = null;
  let clockTimer: ReturnType<typeof setTimeout> | undefined;

  /** @param byServer it has ended the session itself, or knows it no more: there is nothing to tell it */
  const end = (code: string, message: string, permanent = false, byServer = false) => {
    if (ended) return;
    if (byServer) resource = null;
    close();
    events.onEnd({ code, message }, permanent);
  };
  let timer: ReturnType<typeof setTimeout> | undefined;
  const expectConnection = (withinMs: number) => {
    clearTimeout(timer);
    timer = setTimeout(() => end("webrtcTimeout", words.noWay), withinMs);
  };
  expectConnection(connectTimeoutMs);

  // Sound is agreed on from the start and sent when somebody listens: switching it needs no new connection.
  peer.addTransceiver("video", { direction: "recvonly" });
  peer.addTransceiver("audio", { direction: "recvonly" });
  peer.ontrack = ({ track, receiver }) => {
    // Show every frame as soon as it is there; the jitter buffer still grows when the network needs it.
    if (track.kind === "video" && "jitterBufferTarget" in receiver) receiver.jitterBufferTarget = 0;
    media.addTrack(track);
    if (video.srcObject !== media) video.srcObject = media;
    void video.play().catch(() => undefined);
  };
  peer.onconnectionstatechange = () => {
    clearTimeout(restart);
    if (peer.connectionState === "connected") {
      clearTimeout(timer);
      void tellWay();
      // Before there is a picture the server cannot say what time it is of.
      video.requestVideoFrameCallback(() => void readClock());
    }
    if (peer.connectionState === "failed") void restartIce();
    if (peer.connectionState === "closed") lost(true);
    if (peer.connectionState === "disconnected") restart = setTimeout(() => void restartIce(), disconnectedMs);
  };
  const onOnline = () => void restartIce();
  window.addEventListener("online", onOnline);

  function lost(byServer = false) {
    end("webrtcLost", words.connectionLost, false, byServer);
  }

  /** New credentials on both sides, another way, the same stream (WHEP's PATCH). */
  async function restartIce() {
    if (ended || !resource || peer.signalingState !== "stable") return;
    clearTimeout(timer);
    timer = setTimeout(() => lost(), restartTimeoutMs);
    try {
      await peer.setLocalDescription(await peer.createOffer({ iceRestart: true }));
      const response = await fetch(resource, {
        method: "PATCH",
        headers: { "content-type": "application/trickle-ice-sdpfrag", "if-match": "*" },
        body: restartFragment(peer.localDescription?.sdp ?? ""),
        signal: AbortSignal.any([abort.signal, AbortSignal.timeout(answerTimeoutMs)]),
      });
      if (response.status !== 200) return lost(response.status === 404); // the server has forgotten the session
      answer = restartedAnswer(answer, await response.text());
      if (!ended) await peer.setRemoteDescription({ type: "answer", sdp: answer });
      // Never lost: no change of state will say so. If the way is gone after all, one will.
      if (peer.connectionState === "connected") clearTimeout(timer);
    } catch {
      lost();
    }
  }

  async function tellWay() {
    const stats = await peer.getStats();
    let selected: string | undefined;
    stats.forEach((s: { type: string; selectedCandidatePairId?: string }) => {
      if (s.type === "transport") selected = s.selectedCandidatePairId;
    });
    const pair = selected ? (stats.get(selected) as { localCandidateId: string } | undefined) : undefined;
    const local = pair
      ? (stats.get(pair.localCandidateId) as { candidateType: string; protocol: string } | undefined)
      : undefined;
    if (!ended && local)
      events.onWay?.(local.candidateType === "relay" ? "relay" : local.protocol === "tcp" ? "tcp" : "udp");
  }

  async function readClock() {
    clearTimeout(clockTimer);
    if (ended) return;
    clockTimer = setTimeout(() => void readClock(), resource ? clockMs : answerTimeoutMs);
    if (!resource) return;
    try {
      const response = await fetch(resource, {
        signal: AbortSignal.any([abort.signal, AbortSignal.timeout(answerTimeoutMs)]),
      });
      if (!response.ok) return;
      const said = (await response.json()) as { rtpTimestamp: number; clockRate: number; captureTime: string };
      clock = { timestamp: said.rtpTimestamp, rate: said.clockRate, captured: Date.parse(said.captureTime) };
    } catch {
      // The picture plays on; its age is not known for so long.
    }
  }

  void negotiate();

  async function negotiate() {
    let answered = false;
    try {
      const [{ whep: urls, iceServers }, offer] = await Promise.all([address, peer.createOffer()]);
      if (ended) return;
      if (iceServers.length > 0) {
        peer.setConfiguration({ ...peer.getConfiguration(), iceServers });
        expectConnection(relayedTimeoutMs);
      }
      await peer.setLocalDescription(offer);
      for (const [i, url] of urls.entries()) {
        let response: Response;
        try {
          response = await fetch(sound ? url : `${url}&sound=off`, {
            method: "POST",
            headers: { "content-type": "application/sdp" },
            body: peer.localDescription?.sdp ?? "",
            signal: AbortSignal.any([abort.signal, AbortSignal.timeout(answerTimeoutMs)]),
          });
        } catch (error) {
          if (ended || i + 1 === urls.length) throw error;
          continue; // the plane's own port is not reachable from here: the front door is
        }
        answered = true;
        if (!response.ok) {
          const problem = (await response.json().catch(() => null)) as { code?: string; title?: string } | null;
          const permanent = response.status === 415 || response.status === 422 || response.status === 406;
          return end(problem?.code ?? `http${response.status}`, problem?.title ?? words.streamRefused, permanent);
        }
        prefer(urls, i);
        const location = response.headers.get("location");
        if (location) {
          const session = new URL(location, response.url);
          session.search = new URL(url, window.location.href).search; // the front door wants the ticket again
          resource = session.toString();
        }
        answer = await response.text();
        if (!ended) await peer.setRemoteDescription({ type: "answer", sdp: answer });
        if (heard !== sound) tell(heard);
        return;
      }
    } catch (error) {
      if (ended) return;
      if (answered) end("webrtcFailed", error instanceof Error ? error.message : words.answerRefused);
      else end("webrtcUnreachable", words.notReached);
    }
  }

  function hear(on: boolean): boolean {
    if (heard === on) return true;
    heard = on;
    tell(on);
    return true;
  }

  function tell(on: boolean) {
    if (!resource || ended) return; // told when there is an answer
    const body = JSON.stringify({ sound: on });
    void fetch(resource, { method: "PATCH", headers: { "content-type": "application/json" }, body }).catch(
      () => undefined,
    );
  }

  function close() {
    if (ended) return;
    ended = true;
    clearTimeout(timer);
    clearTimeout(restart);
    clearTimeout(clockTimer);
    window.removeEventListener("online", onOnline);
    abort.abort();
    peer.onconnectionstatechange = null;
    peer.ontrack = null;
    if (!resource) return peer.close();
    // One after the other: a peer that closes ends the session too, and then there would be none to delete.
    const patience = AbortSignal.timeout(answerTimeoutMs);
    void fetch(resource, { method: "DELETE", keepalive: true, signal: patience })
      .catch(() => undefined)
      .finally(() => peer.close());
  }

  function captureTime({ rtpTimestamp }: VideoFrameCallbackMetadata): number | null {
    if (!clock || rtpTimestamp === undefined) return null;
    const ticks = (rtpTimestamp - clock.timestamp) | 0; // 32 bits that wrap
    return clock.captured + (ticks * 1000) / clock.rate;
  }

  return { close, connected: () => peer.connectionState === "connected", captureTime, hear };
}
