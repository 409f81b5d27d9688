import { useEffect, useRef, useState } from "react";
import { api } from "@/api/client";
import { ApiError } from "@/api/problem";
import { serverNow } from "@/api/serverClock";
import { LiveBusyError, LivePlayer, LiveRefusedError, type LiveAddress, type LiveSource } from "./LivePlayer";
import { initialState, type PlayerState } from "./playerState";

/**
 * Plays a camera in the returned video element for as long as `active`. Where this browser cannot play the stream, the sub stream
 * gets its turn, then a converted one. Renders on a change of state, never per frame.
 * @param server Another server that has the camera; null for this one.
 */
export function useLivePlayer(
  cameraId: string,
  stream: "main" | "sub",
  hasSub: boolean,
  active: boolean,
  heard: boolean,
  volume: number,
  server: string | null = null,
) {
  const video = useRef<HTMLVideoElement>(null);
  const player = useRef<LivePlayer>(null);
  const [state, setState] = useState<PlayerState>(initialState);
  const [source, setSource] = useState<LiveSource>({ stream, converted: false });

  useEffect(() => {
    if (!active || !video.current) return;
    const sources: LiveSource[] = [{ stream, converted: false }];
    if (hasSub && stream === "main") sources.push({ stream: "sub", converted: false });
    sources.push({ stream, converted: true });
    setSource(sources[0]!);
    const live = new LivePlayer(video.current, {
      sources,
      address: (wanted) => addressOf(server, cameraId, wanted),
      onSource: setSource,
      onState: setState,
      serverNow,
    });
    player.current = live;
    return () => {
      live.close();
      player.current = null;
      setState(initialState);
    };
  }, [server, cameraId, stream, hasSub, active]);

  useEffect(() => {
    player.current?.hear(heard, volume);
  }, [server, cameraId, stream, hasSub, active, heard, volume]);

  return { video, player, state, source };
}

/** A connection that a sleeping computer has kept may never answer. */
const answerMs = 10_000;
/** The server waits for the first converted picture. */
const conversionMs = 30_000;

/** Media's own port first; the front door when that one is not reachable from here. Of another server only its own addresses. */
async function addressOf(server: string | null, cameraId: string, source: LiveSource): Promise<LiveAddress> {
  try {
    const limit = AbortSignal.timeout(source.converted ? conversionMs : answerMs);
    const live = await (server === null
      ? api.post("/api/cameras/{id}/live", { path: { id: cameraId }, body: source, signal: limit })
      : api.post("/api/federated/cameras/{server}/{id}/live", {
          path: { server, id: cameraId },
          body: source,
          signal: limit,
        }));
    const query = `?stream=${live.stream}&ticket=${encodeURIComponent(live.ticket)}`;
    const socketOrigin = location.origin.replace(/^http/, "ws");
    const ways = (own: string, ...here: string[]) => (server === null ? [own, ...here] : [own]);
    return {
      whep: ways(live.whepUrl, `${location.origin}/webrtc/cam_${cameraId}/whep${query}`),
      mse: ways(live.mseUrl, `${socketOrigin}/mse/cam_${cameraId}${query}`),
      hls: ways(live.hlsUrl, `${location.origin}/hls/cam_${cameraId}/index.m3u8${query}`),
      iceServers: live.iceServers.map(({ urls, username, credential }) => ({
        urls,
        ...(username !== null && { username }),
        ...(credential !== null && { credential }),
      })),
      expiresAt: Date.parse(live.expiresAt),
    };
  } catch (error) {
    // A place that another tile has just left is free in a moment.
    if (error instanceof ApiError && error.code === "limitReached") throw new LiveBusyError(error.code, error.message);
    if (
      error instanceof ApiError &&
      error.problem.status >= 400 &&
      error.problem.status < 500 &&
      error.problem.status !== 429
    )
      throw new LiveRefusedError(error.code, error.message);
    if (error instanceof ApiError && error.problem.status >= 500) throw new LiveBusyError(error.code, error.message);
    throw error;
  }
}
