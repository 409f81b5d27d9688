import { Check, Trash2, X } from "lucide-react";
import { toast } from "sonner";
import { useReviewDetection, type DetectionView, type ReviewState } from "@/api/detections";
import { Button } from "@/components/ui/Button";
import { words as pageWords } from "@/components/words";
import { nameOf } from "./detection";
import { words } from "./words";

/** Whether it was right: a second press takes it back. Deleting asks first. */
export function ReviewButtons({ detection, onDelete }: { detection: DetectionView; onDelete: () => void }) {
  const review = useReviewDetection();
  const say = (state: ReviewState) =>
    review.mutate(
      { detection, state: detection.state === state ? "new" : state },
      { onError: (error) => toast.error(error instanceof Error ? error.message : pageWords.unexpected) },
    );
  const name = nameOf(detection);
  return (
    <>
      <Button
        size="sm"
        className="aria-pressed:border-good aria-pressed:text-good max-md:h-11"
        aria-pressed={detection.state === "confirmed"}
        onClick={() => say("confirmed")}
      >
        <Check /> {words.confirm}
      </Button>
      <Button
        size="sm"
        className="aria-pressed:border-warn aria-pressed:text-warn max-md:h-11"
        aria-pressed={detection.state === "false"}
        onClick={() => say("false")}
      >
        <X /> {words.markFalse}
      </Button>
      <Button
        size="icon"
        variant="ghost"
        className="size-8 max-md:size-11"
        aria-label={words.deleteWhat(name)}
        title={words.deleteAct}
        onClick={onDelete}
      >
        <Trash2 />
      </Button>
    </>
  );
}
