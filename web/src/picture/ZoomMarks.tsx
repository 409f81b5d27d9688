import { X } from "lucide-react";
import type { Drawn } from "./useZoom";
import { number } from "@/i18n/formats";
import { words } from "./words";

/** What is being drawn to fill the tile. */
export function DrawnRectangle({ drawn }: { drawn: Drawn | null }) {
  if (!drawn) return null;
  const { from, to } = drawn;
  return (
    <div
      className="border-accent bg-accent/15 pointer-events-none absolute border"
      style={{
        left: Math.min(from.x, to.x),
        top: Math.min(from.y, to.y),
        width: Math.abs(to.x - from.x),
        height: Math.abs(to.y - from.y),
      }}
    />
  );
}

/** Says that only a part of the picture is seen, and brings back the whole. */
export function WholePictureButton({ scale, onReset }: { scale: number; onReset: () => void }) {
  if (scale <= 1) return null;
  return (
    <button
      type="button"
      aria-label={words.wholePicture}
      title={words.wholePictureKey}
      onClick={onReset}
      className="tabular hover:text-accent flex items-center gap-1 rounded bg-black/70 px-1.5 py-0.5 text-[11px] text-white max-md:px-2.5 max-md:py-2"
    >
      {number(scale, 1)}× <X className="size-3" aria-hidden />
    </button>
  );
}
