import { ArrowUp } from "lucide-react";
import { cn } from "./cn";
import { Button } from "./ui/Button";
import { words } from "./words";

/** So far from the top somebody reads on: what is new waits. */
export const readingPx = 80;

/** How many wait to be shown, over the list or above it; a press shows them. */
export function NewOnes({
  count,
  most,
  className,
  onShow,
}: {
  count: number;
  /** No more are counted. */
  most?: number;
  className?: string;
  onShow: () => void;
}) {
  const said = count === 0 ? "" : count === most ? words.newOrMore(count) : words.newOnes(count);
  return (
    <>
      {count > 0 && (
        <Button
          variant="primary"
          size="sm"
          onClick={onShow}
          className={cn("z-20 rounded-full shadow-xl max-md:h-11", className)}
        >
          <ArrowUp /> {said}
        </Button>
      )}
      <p role="status" className="sr-only">
        {said}
      </p>
    </>
  );
}
