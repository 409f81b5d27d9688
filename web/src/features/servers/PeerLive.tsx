import { VideoOff } from "lucide-react";
import { cn } from "@/components/cn";
import { useLivePlayer } from "@/player/useLivePlayer";
import { words } from "./words";

/** What a camera of another server sees now; its pictures come straight from there. */
export function PeerLive({ server, id, name, active }: { server: string; id: string; name: string; active: boolean }) {
  const { video, state } = useLivePlayer(id, "main", false, active, false, 0, server);
  const playing = state.kind === "playing";
  return (
    <div className="pictures relative h-full overflow-hidden bg-black">
      <video
        ref={video}
        data-camera-id={id}
        muted
        playsInline
        autoPlay
        aria-label={words.pictureOf(name)}
        className={cn("size-full object-contain transition-opacity duration-150", !playing && "opacity-30")}
      />
      {!playing && (
        <div
          role="status"
          className="pointer-events-none absolute inset-0 grid place-content-center justify-items-center gap-2 p-4 text-center"
        >
          <VideoOff className="text-faint size-7 stroke-[1.25]" aria-hidden />
          <p className="text-soft text-[13px]">{"error" in state ? state.error.message : words.connecting}</p>
        </div>
      )}
    </div>
  );
}
