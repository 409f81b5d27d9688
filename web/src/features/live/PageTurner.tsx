import { ChevronLeft, ChevronRight } from "lucide-react";
import { Button } from "@/components/ui/Button";
import { words } from "./words";

/** From one page of cameras to the next, round and round. */
export function PageTurner({ page, pages, onTurn }: { page: number; pages: number; onTurn: (by: 1 | -1) => void }) {
  return (
    <div className="flex items-center">
      <Button variant="ghost" size="icon" aria-label={words.previousCameras} onClick={() => onTurn(-1)}>
        <ChevronLeft />
      </Button>
      <span className="tabular text-soft text-[13px]">{words.page(page + 1, pages)}</span>
      <Button variant="ghost" size="icon" aria-label={words.nextCameras} onClick={() => onTurn(1)}>
        <ChevronRight />
      </Button>
    </div>
  );
}
