import { Volume2, VolumeX } from "lucide-react";
import { cn } from "@/components/cn";
import { words } from "@/components/words";

/** Sound on or off, and how loud. Off until somebody asks; live, the server sends it only then. */
export function SoundControl({
  camera,
  heard,
  volume,
  onHear,
  onVolume,
}: {
  camera: string;
  heard: boolean;
  volume: number;
  onHear: (heard: boolean) => void;
  onVolume: (volume: number) => void;
}) {
  return (
    <div
      role="group"
      aria-label={words.soundOf(camera)}
      className={cn(
        "group/sound pointer-events-auto flex items-center rounded-md bg-black/55 transition-opacity duration-150 group-hover:opacity-100 focus-within:opacity-100 max-md:opacity-100",
        !heard && "opacity-0 group-focus-visible:opacity-100",
      )}
    >
      {heard && (
        <input
          type="range"
          min={0}
          max={1}
          step={0.05}
          value={volume}
          onChange={(e) => onVolume(Number(e.target.value))}
          aria-label={words.volume}
          className="accent-accent ml-2 h-8 w-20"
        />
      )}
      <button
        type="button"
        aria-pressed={heard}
        aria-label={heard ? words.mute : words.listen}
        title={heard ? words.muteKey : words.listenKey}
        onClick={() => onHear(!heard)}
        className="hover:text-accent grid size-8 place-items-center text-white max-md:size-11"
      >
        {heard ? <Volume2 className="size-4" aria-hidden /> : <VolumeX className="size-4" aria-hidden />}
      </button>
    </div>
  );
}
