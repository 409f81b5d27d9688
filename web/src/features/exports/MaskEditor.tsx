import { Plus, Trash2 } from "lucide-react";
import { useRef, useState, type KeyboardEvent, type PointerEvent } from "react";
import type { Box } from "@/api/exports";
import type { Camera } from "@/api/types";
import { CameraPicture } from "@/components/CameraPicture";
import { Button } from "@/components/ui/Button";
import { boxBetween, keyedBox, largeEnough, maxBoxes } from "./boxes";
import { words } from "./words";

/** Areas to hide, drawn over the camera's picture of now; with the keyboard, a box is added, moved and sized. */
export function MaskEditor({
  camera,
  boxes,
  onChange,
}: {
  camera: Camera;
  boxes: Box[];
  onChange: (boxes: Box[]) => void;
}) {
  const surface = useRef<HTMLDivElement>(null);
  const start = useRef<[number, number] | null>(null);
  const [draft, setDraft] = useState<Box | null>(null);
  const main = camera.streams.find((s) => s.name === "main");
  // As the picture is: cut at its edges, areas would lie beside what they are to hide.
  const [ratio, setRatio] = useState(main?.width && main.height ? main.width / main.height : 16 / 9);
  const full = boxes.length >= maxBoxes;

  const pointAt = (e: PointerEvent): [number, number] => {
    const area = surface.current!.getBoundingClientRect();
    return [(e.clientX - area.left) / area.width, (e.clientY - area.top) / area.height];
  };
  const remove = (index: number) => onChange(boxes.filter((_, i) => i !== index));
  const onKey = (e: KeyboardEvent, index: number) => {
    if (e.key === "Delete" || e.key === "Backspace") return remove(index);
    const next = keyedBox(boxes[index]!, e.key, e.shiftKey);
    if (!next) return;
    e.preventDefault();
    onChange(boxes.map((box, i) => (i === index ? next : box)));
  };

  return (
    <div className="space-y-1.5">
      <p className="text-soft text-[13px]">{words.drawOver(camera.name)}</p>
      <div
        ref={surface}
        className="relative touch-none overflow-hidden rounded select-none"
        style={{
          aspectRatio: ratio,
          cursor: full ? undefined : "crosshair",
        }}
        onPointerDown={(e) => {
          if (full || e.button !== 0) return;
          e.currentTarget.setPointerCapture(e.pointerId);
          start.current = pointAt(e);
        }}
        onPointerMove={(e) => start.current && setDraft(boxBetween(start.current, pointAt(e)))}
        onPointerUp={(e) => {
          // By where it ends: the last move may not be drawn yet.
          const box = start.current && boxBetween(start.current, pointAt(e));
          if (box && largeEnough(box)) onChange([...boxes, box]);
          start.current = null;
          setDraft(null);
        }}
        onPointerCancel={() => {
          start.current = null;
          setDraft(null);
        }}
      >
        <CameraPicture
          camera={camera}
          width={640}
          className="pointer-events-none absolute inset-0"
          onPicture={setRatio}
        />
        {boxes.map((box, i) => (
          <button
            key={i}
            type="button"
            aria-label={words.hiddenArea(i + 1, camera.name)}
            className="absolute border border-white/70 bg-black"
            style={placeOf(box)}
            onKeyDown={(e) => onKey(e, i)}
          />
        ))}
        {draft && (
          <div className="border-accent pointer-events-none absolute border bg-black/60" style={placeOf(draft)} />
        )}
      </div>
      <div className="flex flex-wrap gap-2">
        <Button
          type="button"
          size="sm"
          variant="ghost"
          className="max-md:h-11"
          disabled={full}
          title={full ? words.atMostAreas(maxBoxes) : undefined}
          onClick={() => onChange([...boxes, [0.375, 0.375, 0.25, 0.25]])}
        >
          <Plus /> {words.addArea}
        </Button>
        {boxes.length > 0 && (
          <Button
            type="button"
            size="sm"
            variant="ghost"
            className="max-md:h-11"
            onClick={() => remove(boxes.length - 1)}
          >
            <Trash2 /> {words.removeLast}
          </Button>
        )}
      </div>
    </div>
  );
}

const placeOf = ([x, y, width, height]: Box) => ({
  left: `${x * 100}%`,
  top: `${y * 100}%`,
  width: `${width * 100}%`,
  height: `${height * 100}%`,
});
