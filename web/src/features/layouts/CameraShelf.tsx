import { Cctv, Check } from "lucide-react";
import { useState } from "react";
import type { Camera } from "@/api/types";
import { cn } from "@/components/cn";
import { words as pageWords } from "@/components/words";
import { dragType } from "./TileGrid";
import { words } from "./words";

/** The cameras that there are: dragged onto the wall, or put into the chosen tile by a click. */
export function CameraShelf({
  cameras,
  placed,
  onPick,
}: {
  cameras: readonly Camera[];
  placed: readonly string[];
  onPick: (id: string) => void;
}) {
  const [wanted, setWanted] = useState("");
  const found = cameras.filter((c) => c.name.toLowerCase().includes(wanted.toLowerCase()));
  return (
    <section aria-label={words.cameras} className="flex min-h-0 flex-col">
      <p className="text-faint mb-2 text-[12px] text-pretty">{words.camerasHint}</p>
      <input
        type="search"
        aria-label={pageWords.filter}
        placeholder={pageWords.filter}
        value={wanted}
        onChange={(e) => setWanted(e.target.value)}
        className="bg-ground placeholder:text-faint mb-2 h-9 rounded-md border px-3 text-[13px] max-md:h-11"
      />
      <ul className="max-h-80 space-y-0.5 overflow-y-auto">
        {found.map((camera) => {
          const isPlaced = placed.includes(camera.id);
          return (
            <li key={camera.id}>
              <button
                type="button"
                draggable
                onDragStart={(e) => e.dataTransfer.setData(dragType, camera.id)}
                onClick={() => onPick(camera.id)}
                className={cn(
                  "hover:bg-raised flex min-h-9 w-full items-center gap-2 rounded-md px-2 text-left text-[13px] max-md:min-h-11 md:cursor-grab",
                  isPlaced && "text-soft",
                )}
              >
                <Cctv className="text-faint size-4 shrink-0" aria-hidden />
                <span className="min-w-0 flex-1 truncate">{camera.name}</span>
                {isPlaced && <Check className="text-good size-4" role="img" aria-label={words.onWall} />}
              </button>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
