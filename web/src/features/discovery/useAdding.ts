import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { onboard } from "@/api/discovery";
import { ApiError } from "@/api/problem";
import type { Candidate } from "./found";

/** With what a device is asked. */
export interface Login {
  username: string;
  password: string;
  /** Empty: what the device calls itself. */
  name: string;
}

/** How far the adding of one device is. */
export type Adding =
  | { state: "waiting" }
  | { state: "asking" }
  | { state: "added"; cameraId: string; name: string }
  | { state: "failed"; code: string; message: string };

/** The server asks each for some seconds; more at once would make it wait for itself. */
const atOnce = 3;

/** Adds devices, a few at a time; what became of each stands under its key. */
export function useAdding(onAdded?: (cameraId: string) => void) {
  const queries = useQueryClient();
  const [states, setStates] = useState<Readonly<Record<string, Adding>>>({});
  const queue = useRef<{ device: Candidate; login: Login }[]>([]);
  const running = useRef(0);
  const told = useRef(onAdded);
  useEffect(() => {
    told.current = onAdded;
  });

  const set = (key: string, state: Adding) => setStates((all) => ({ ...all, [key]: state }));

  const work = useCallback(async () => {
    if (running.current >= atOnce) return;
    running.current++;
    for (let next = queue.current.shift(); next; next = queue.current.shift()) {
      const { device, login } = next;
      set(device.key, { state: "asking" });
      try {
        const camera = await onboard({
          ip: device.ip,
          port: device.port,
          ...(login.username ? { username: login.username, password: login.password } : {}),
          ...(login.name ? { name: login.name } : {}),
        });
        set(device.key, { state: "added", cameraId: camera.id, name: camera.name });
        told.current?.(camera.id);
      } catch (error) {
        set(device.key, { state: "failed", ...failure(error) });
      }
    }
    running.current--;
    if (running.current === 0) await queries.invalidateQueries({ queryKey: ["cameras"] });
  }, [queries]);

  const add = useCallback(
    (devices: readonly { device: Candidate; login: Login }[]) => {
      queue.current.push(...devices);
      setStates((all) => ({
        ...all,
        ...Object.fromEntries(devices.map(({ device }) => [device.key, { state: "waiting" } as const])),
      }));
      for (let i = 0; i < atOnce; i++) void work();
    },
    [work],
  );

  const busy = Object.values(states).some((s) => s.state === "waiting" || s.state === "asking");
  // What waits would be lost without a word.
  useEffect(() => {
    if (!busy) return;
    const stay = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", stay);
    return () => window.removeEventListener("beforeunload", stay);
  }, [busy]);

  return { states, add, busy };
}

function failure(error: unknown): { code: string; message: string } {
  if (!(error instanceof ApiError)) return { code: "unexpected", message: String(error) };
  const field = error.problem.fields?.[0];
  return field ? { code: field.code, message: field.message } : { code: error.code, message: error.message };
}
