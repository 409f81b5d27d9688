import { ImageOff } from "lucide-react";
import { usePicture } from "@/picture/usePicture";
import { words } from "./words";

/** The small picture above a place of the timeline; the one before it stays until it is there. */
export function PreviewPicture({ url }: { url: string | null }) {
  const { shown, missing } = usePicture(url);
  return (
    <div className="relative aspect-video w-full bg-black">
      {shown !== null ? (
        <img src={shown} alt="" className="absolute inset-0 size-full object-contain" draggable={false} />
      ) : missing ? (
        <div className="text-faint absolute inset-0 flex flex-col items-center justify-center gap-1">
          <ImageOff className="size-5 stroke-[1.5]" aria-hidden />
          <span className="text-[12px]">{words.noPicture}</span>
        </div>
      ) : (
        <div className="bg-panel absolute inset-0 animate-pulse" />
      )}
    </div>
  );
}
