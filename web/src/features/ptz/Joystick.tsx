import { ChevronDown, ChevronLeft, ChevronRight, ChevronUp } from "lucide-react";
import { useRef, useState } from "react";
import type { Steering } from "./useSteering";
import { stickVector } from "./stick";
import { words } from "./words";

/** A stick for pointer and finger: the further it is pulled, the faster the camera turns; let go, it stands. */
export function Joystick({ steering, disabled }: { steering: Steering; disabled: boolean }) {
  const [pulled, setPulled] = useState<{ x: number; y: number } | null>(null);
  const pointer = useRef<number | null>(null);

  const pull = (e: React.PointerEvent<HTMLDivElement>) => {
    const box = e.currentTarget.getBoundingClientRect();
    const radius = box.width / 2;
    const [x, y] = [e.clientX - box.left - radius, e.clientY - box.top - radius];
    const length = Math.max(1, Math.hypot(x, y) / (radius * 0.62));
    setPulled({ x: x / length, y: y / length });
    steering.hold(stickVector(x, y, radius));
  };
  const letGo = (e: React.PointerEvent) => {
    if (pointer.current !== e.pointerId) return;
    pointer.current = null;
    setPulled(null);
    steering.release();
  };
  const arrow = "text-faint pointer-events-none absolute size-5";
  return (
    <div
      role="group"
      aria-label={words.joystick}
      aria-disabled={disabled}
      data-own-gestures
      data-testid="joystick"
      className="bg-ground relative size-36 shrink-0 touch-none rounded-full border select-none aria-disabled:opacity-50"
      onPointerDown={(e) => {
        if (disabled || e.button !== 0 || pointer.current !== null) return;
        pointer.current = e.pointerId;
        e.currentTarget.setPointerCapture(e.pointerId);
        pull(e);
      }}
      onPointerMove={(e) => pointer.current === e.pointerId && pull(e)}
      onPointerUp={letGo}
      onPointerCancel={letGo}
      onLostPointerCapture={letGo}
      onContextMenu={(e) => e.preventDefault()}
    >
      <ChevronUp className={`${arrow} top-1.5 left-1/2 -translate-x-1/2`} aria-hidden />
      <ChevronDown className={`${arrow} bottom-1.5 left-1/2 -translate-x-1/2`} aria-hidden />
      <ChevronLeft className={`${arrow} top-1/2 left-1.5 -translate-y-1/2`} aria-hidden />
      <ChevronRight className={`${arrow} top-1/2 right-1.5 -translate-y-1/2`} aria-hidden />
      <div
        className={`bg-raised absolute top-1/2 left-1/2 -mt-7 -ml-7 size-14 rounded-full border shadow-lg ${pulled ? "border-accent" : "transition-transform duration-100"}`}
        style={pulled ? { transform: `translate(${pulled.x}px, ${pulled.y}px)` } : undefined}
      />
    </div>
  );
}
