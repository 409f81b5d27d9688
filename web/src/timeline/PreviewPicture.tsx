import { ImageOff, VideoOff } from "lucide-react";
import { cn } from "@/components/cn";
import { usePicture } from "@/picture/usePicture";

/** The small picture above a place of the timeline; the one before it stays, dimmed, until it is there. */
export function PreviewPicture({ url, empty }: { url: string | null; empty: boolean }) {
  const { shown, missing } = usePicture(url);
  return (
    <div className="relative aspect-video w-full bg-black">
      {shown !== null && !empty && (
        <img src={shown} alt="" className="absolute inset-0 size-full object-contain" draggable={false} />
      )}
      {empty ? (
        <Instead icon={<VideoOff />} words="Nothing recorded" />
      ) : missing ? (
        <Instead icon={<ImageOff />} words="No picture" />
      ) : (
        <div
          className={cn(
            "absolute inset-0 transition-opacity",
            // Only when it takes long enough to be noticed.
            shown === null ? "bg-raised animate-pulse opacity-100 delay-150" : "opacity-0",
          )}
        />
      )}
    </div>
  );
}

function Instead({ icon, words }: { icon: React.ReactNode; words: string }) {
  return (
    <div className="text-faint absolute inset-0 flex flex-col items-center justify-center gap-1 [&_svg]:size-5 [&_svg]:stroke-[1.5]">
      {icon}
      <span className="text-[12px]">{words}</span>
    </div>
  );
}
