import { ChevronDown, ChevronRight } from "lucide-react";
import { cn } from "@/components/cn";
import type { Kind, Shape } from "./draft";
import { words } from "./words";

const dots: Record<Kind, string> = { zone: "bg-zone", line: "bg-crossing", mask: "bg-mask" };

/** All that is drawn; one is selected here as on the picture. */
export function ShapeList({
  shapes,
  selectedId,
  onSelect,
}: {
  shapes: readonly Shape[];
  selectedId: string | null;
  onSelect: (id: string | null) => void;
}) {
  if (shapes.length === 0) return <p className="text-soft text-[13px] text-pretty">{words.noShapes}</p>;
  return (
    <ul className="-mx-2">
      {shapes.map(({ id, kind, name }) => {
        const isSelected = id === selectedId;
        const Chevron = isSelected ? ChevronDown : ChevronRight;
        return (
          <li key={id}>
            <button
              type="button"
              aria-expanded={isSelected}
              onClick={() => onSelect(isSelected ? null : id)}
              className={cn(
                "hover:bg-raised flex h-9 w-full items-center gap-2.5 rounded-md px-2 text-left max-md:h-11",
                isSelected && "bg-raised",
              )}
            >
              <span className={cn("size-2.5 shrink-0 rounded-sm", dots[kind])} aria-hidden />
              <span className="min-w-0 truncate">{name ?? words.shapeOf.mask(Number(id.replace(/\D+/, "")))}</span>
              <span className="text-faint ml-auto text-[13px]">{words.kinds[kind]}</span>
              <Chevron className="text-faint size-4 shrink-0" aria-hidden />
            </button>
          </li>
        );
      })}
    </ul>
  );
}
