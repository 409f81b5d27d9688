import { useEffect, useRef, useState } from "react";
import { call } from "@/api/client";
import { ApiError } from "@/api/problem";
import type { LiveAnswer } from "@/api/types";
import { LivePlayer, LiveRefusedError, type LiveAddress } from "./LivePlayer";
import { initialState, type PlayerState } from "./playerState";

/** Plays a camera in the returned video element for as long as `active`. Renders on a change of state, never per frame. */
export function useLivePlayer(cameraId: string, stream: "main" | "sub", active: boolean) {
  const video = useRef<HTMLVideoElement>(null);
  const player = useRef<LivePlayer>(null);
  const [state, setState] = useState<PlayerState>(initialState);

  useEffect(() => {
    if (!active || !video.current) return;
    const live = new LivePlayer(video.current, { address: () => addressOf(cameraId, stream), onState: setState });
    player.current = live;
    return () => {
      live.close();
      player.current = null;
      setState(initialState);
    };
  }, [cameraId, stream, active]);

  return { video, player, state };
}

/** Media's own port first; the front door when that one is not reachable from here. */
async function addressOf(cameraId: string, stream: "main" | "sub"): Promise<LiveAddress> {
  try {
    const live = await call<LiveAnswer>("POST", `/api/cameras/${cameraId}/live`, { stream });
    const query = `?stream=${stream}&ticket=${encodeURIComponent(live.ticket)}`;
    const socketOrigin = location.origin.replace(/^http/, "ws");
    return {
      whep: [live.whepUrl, `${location.origin}/webrtc/cam_${cameraId}/whep${query}`],
      mse: [live.mseUrl, `${socketOrigin}/mse/cam_${cameraId}${query}`],
      expiresAt: Date.parse(live.expiresAt),
    };
  } catch (error) {
    if (
      error instanceof ApiError &&
      error.problem.status >= 400 &&
      error.problem.status < 500 &&
      error.problem.status !== 429
    )
      throw new LiveRefusedError(error.code, error.message);
    throw error;
  }
}
