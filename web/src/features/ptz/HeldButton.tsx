import type { ReactNode } from "react";
import type { PtzVector } from "@/api/ptz";
import { Button } from "@/components/ui/Button";
import type { Steering } from "./useSteering";

/** Moves the camera for as long as it is held, by pointer, Space or Enter. */
export function HeldButton({
  steering,
  vector,
  label,
  disabled,
  children,
}: {
  steering: Steering;
  vector: PtzVector;
  label: string;
  disabled: boolean;
  children: ReactNode;
}) {
  return (
    <Button
      className="size-11 touch-none p-0 select-none"
      aria-label={label}
      title={label}
      disabled={disabled}
      onPointerDown={(e) => {
        if (e.button !== 0) return;
        e.currentTarget.setPointerCapture(e.pointerId);
        steering.hold(vector);
      }}
      onPointerUp={steering.release}
      onPointerCancel={steering.release}
      onLostPointerCapture={steering.release}
      onKeyDown={(e) => (e.key === " " || e.key === "Enter") && !e.repeat && steering.hold(vector)}
      onKeyUp={(e) => (e.key === " " || e.key === "Enter") && steering.release()}
      onBlur={steering.release}
      onContextMenu={(e) => e.preventDefault()}
    >
      {children}
    </Button>
  );
}
