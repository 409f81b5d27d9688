import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { movePtz, stopPtz, type PtzVector } from "@/api/ptz";
import { HeldMove } from "./HeldMove";

/**
 * Steers one camera from this window. It is let go when the window loses the focus, is hidden or left, and when the panel goes: nobody sees then
 * where it moves.
 */
export function useSteering(cameraId: string) {
  const queries = useQueryClient();
  const [error, setError] = useState<Error | null>(null);
  const held = useRef<HeldMove>(null);

  useEffect(() => {
    const move = new HeldMove(
      (vector) => movePtz(cameraId, vector),
      () => stopPtz(cameraId),
      (e) => {
        setError(e instanceof Error ? e : new Error(String(e)));
        void queries.invalidateQueries({ queryKey: ["ptz", cameraId] });
      },
    );
    held.current = move;
    const letGo = () => move.release();
    const hidden = () => document.hidden && move.release();
    window.addEventListener("blur", letGo);
    window.addEventListener("pagehide", letGo);
    document.addEventListener("visibilitychange", hidden);
    return () => {
      window.removeEventListener("blur", letGo);
      window.removeEventListener("pagehide", letGo);
      document.removeEventListener("visibilitychange", hidden);
      move.release();
      held.current = null;
    };
  }, [cameraId, queries]);

  const hold = useCallback((vector: PtzVector) => {
    setError(null);
    held.current?.hold(vector);
  }, []);
  const release = useCallback(() => held.current?.release(), []);
  /** Something that is done once. */
  const act = useCallback(async (action: () => Promise<unknown>) => {
    setError(null);
    held.current?.giveWay();
    try {
      await action();
    } catch (e) {
      setError(e instanceof Error ? e : new Error(String(e)));
    }
  }, []);
  return { hold, release, act, error };
}

export type Steering = ReturnType<typeof useSteering>;
