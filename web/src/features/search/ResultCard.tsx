import { Check, X } from "lucide-react";
import { useEffect, useRef } from "react";
import type { DetectionView } from "@/api/detections";
import { cn } from "@/components/cn";
import { clock } from "@/components/time";
import { DetectionCrop } from "./DetectionPicture";
import { lengthOf, nameOf } from "./detection";
import { words } from "./words";

/** One object as a picture; choosing it plays it. */
export function ResultCard({
  detection,
  isChosen,
  several,
  onChoose,
}: {
  detection: DetectionView;
  isChosen: boolean;
  /** There is more than one camera: it says which. */
  several: boolean;
  onChoose: () => void;
}) {
  const card = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (isChosen) card.current?.scrollIntoView({ block: "nearest" });
  }, [isChosen]);
  const length = lengthOf(detection);
  return (
    <li
      ref={card}
      data-detection={detection.id}
      className="[contain-intrinsic-size:auto_10rem] [content-visibility:auto]"
    >
      <button
        type="button"
        aria-current={isChosen || undefined}
        onClick={onChoose}
        className={cn(
          "bg-panel hover:border-faint block w-full overflow-hidden rounded-lg border text-left -outline-offset-2",
          isChosen && "border-accent ring-accent ring-1",
        )}
      >
        <div className="relative">
          <DetectionCrop detection={detection} className="aspect-4/3" />
          {detection.plate && (
            <span className="tabular absolute right-1 bottom-1 rounded bg-black/75 px-1.5 text-[12px] font-medium text-white">
              {detection.plate}
            </span>
          )}
          {detection.state !== "new" && (
            <span
              className="absolute top-1 right-1 grid size-5 place-items-center rounded-full bg-black/75 text-white"
              title={detection.state === "false" ? words.states.false : words.states.confirmed}
            >
              {detection.state === "false" ? <X className="size-3.5" /> : <Check className="size-3.5" />}
            </span>
          )}
        </div>
        <div className="space-y-0.5 px-2 py-1.5">
          <p className="flex items-baseline justify-between gap-2">
            <span className={cn("truncate font-medium", detection.state === "false" && "line-through")}>
              {nameOf(detection)}
            </span>
            <time dateTime={detection.at} title={detection.at} className="tabular text-soft text-[12px]">
              {clock(Date.parse(detection.at))}
            </time>
          </p>
          <p className="text-soft flex justify-between gap-2 text-[12px]">
            <span className="truncate">{several ? (detection.cameraName ?? words.goneCamera) : ""}</span>
            {length && <span className="tabular shrink-0">{length}</span>}
          </p>
        </div>
      </button>
    </li>
  );
}
