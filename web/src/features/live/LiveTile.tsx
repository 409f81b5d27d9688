import { Loader, VideoOff } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import type { Camera } from "@/api/types";
import { recordingWords, stateWords, toneText } from "@/components/cameraWords";
import { cn } from "@/components/cn";
import { duration } from "@/components/time";
import type { PlayerState } from "@/player/playerState";
import { useLivePlayer } from "@/player/useLivePlayer";
import type { LivePlayer } from "@/player/LivePlayer";

/** One camera on the wall: the picture, and over it only what helps. */
export function LiveTile({
  camera,
  enlarged,
  onEnlarge,
}: {
  camera: Camera;
  enlarged: boolean;
  onEnlarge: () => void;
}) {
  // Small tiles of a camera that has a sub stream do not pull the large one through the network.
  const stream = !enlarged && camera.subUrl ? "sub" : "main";
  const watchable = camera.state !== "disabled" && camera.state !== "unsupported";
  const { video, player, state } = useLivePlayer(camera.id, stream, watchable);
  const noPicture = !watchable || state.kind !== "playing";
  return (
    <div
      role="button"
      tabIndex={0}
      aria-label={`${camera.name}, ${stateWords(camera).text}. Enlarge`}
      aria-pressed={enlarged}
      onDoubleClick={onEnlarge}
      onKeyDown={(e) => e.key === "Enter" && onEnlarge()}
      className="group relative min-h-0 min-w-0 overflow-hidden bg-black -outline-offset-2"
    >
      <video
        ref={video}
        data-camera-id={camera.id}
        muted
        playsInline
        autoPlay
        className={cn("size-full object-contain transition-opacity duration-150", noPicture && "opacity-35")}
      />
      {noPicture && <NoPicture camera={camera} state={state} watchable={watchable} />}
      <div className="pointer-events-none absolute inset-x-0 bottom-0 flex items-end justify-between gap-2 bg-linear-to-t from-black/70 to-transparent px-2.5 pt-6 pb-2 opacity-0 transition-opacity duration-150 group-hover:opacity-100 group-focus-visible:opacity-100 max-md:opacity-100">
        <span className="truncate text-[13px] font-medium drop-shadow">{camera.name}</span>
        <span className={cn("shrink-0 text-[11px] drop-shadow", toneText[recordingWords(camera).tone])}>
          {recordingWords(camera).text}
        </span>
      </div>
      {state.kind === "playing" && <Corner player={player} transport={state.transport} />}
    </div>
  );
}

const transportWords = { webrtc: "WebRTC", mse: "MSE" };

/** Transport and age of the picture. Written straight into the element: no render while sixteen tiles play. */
function Corner({ player, transport }: { player: React.RefObject<LivePlayer | null>; transport: "webrtc" | "mse" }) {
  const text = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    const timer = setInterval(() => {
      const age = player.current?.frameAgeMs;
      if (text.current)
        text.current.textContent = age == null ? "" : age < 1000 ? "" : ` · ${(age / 1000).toFixed(1)} s old`;
    }, 500);
    return () => clearInterval(timer);
  }, [player]);
  return (
    <div className="tabular text-soft pointer-events-none absolute top-2 right-2 rounded bg-black/55 px-1.5 py-0.5 text-[11px] opacity-0 transition-opacity group-hover:opacity-100 group-focus-visible:opacity-100">
      {transportWords[transport]}
      <span ref={text} />
    </div>
  );
}

function NoPicture({ camera, state, watchable }: { camera: Camera; state: PlayerState; watchable: boolean }) {
  const words = stateWords(camera);
  const now = useNow();
  const bad = camera.state !== "online" && camera.state !== "connecting" && camera.state !== "idle";
  if (!bad && watchable && state.kind === "connecting" && state.attempt === 0)
    return (
      <div className="absolute inset-0 flex items-center justify-center" aria-label="Connecting">
        <Loader className="text-faint size-5 animate-spin" aria-hidden />
      </div>
    );
  return (
    <div className="absolute inset-0 flex flex-col items-center justify-center gap-1 p-4 text-center">
      <VideoOff className="text-soft mb-1 size-6 stroke-[1.5]" aria-hidden />
      <p className="font-medium">{bad ? words.text : headline(state)}</p>
      <p className="text-soft max-w-xs text-[13px]">
        {bad
          ? [
              words.why,
              camera.stateSince && camera.state !== "disabled"
                ? `for ${duration(now - Date.parse(camera.stateSince))}`
                : null,
            ]
              .filter(Boolean)
              .join(", ")
          : "error" in state
            ? state.error.message
            : ""}
      </p>
    </div>
  );
}

function headline(state: PlayerState): string {
  switch (state.kind) {
    case "connecting":
    case "playing":
      return "Connecting";
    case "stalled":
      return "The picture stands still";
    case "waiting":
      return "Reconnecting";
    case "failed":
      return "No picture";
  }
}

function useNow(): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return now;
}
