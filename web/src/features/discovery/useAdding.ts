import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useEffectEvent, useRef, useState } from "react";
import { maxOnboarded, onboard, onboardedOf, onboardMany } from "@/api/discovery";
import { isOpenJob, useJob } from "@/api/jobs";
import { ApiError } from "@/api/problem";
import type { Candidate } from "./found";
import { words } from "./words";

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

interface Wish {
  device: Candidate;
  login: Login;
}

/** One is added while somebody waits; several are long work of the server's, which goes on when the page is left. What became of each stands under its key. */
export function useAdding(onAdded?: (cameraId: string) => void) {
  const queries = useQueryClient();
  const [states, setStates] = useState<Readonly<Record<string, Adding>>>({});
  const [begun, setBegun] = useState<{ id: string; wishes: readonly Wish[] } | null>(null);
  /** One after the other: the server asks several devices of each at a time. */
  const waiting = useRef<(readonly Wish[])[]>([]);
  const working = useRef(false);
  const job = useJob(begun?.id ?? null);
  const told = useRef(onAdded);
  useEffect(() => {
    told.current = onAdded;
  });

  const set = useCallback(
    (wishes: readonly Wish[], of: (wish: Wish, i: number) => Adding) =>
      setStates((all) => ({ ...all, ...Object.fromEntries(wishes.map((wish, i) => [wish.device.key, of(wish, i)])) })),
    [],
  );

  const addOne = useCallback(
    async (wish: Wish) => {
      set([wish], () => ({ state: "asking" }));
      try {
        const camera = await onboard(requestOf(wish));
        set([wish], () => ({ state: "added", cameraId: camera.id, name: camera.name }));
        told.current?.(camera.id);
        await queries.invalidateQueries({ queryKey: ["cameras"] });
      } catch (error) {
        set([wish], () => ({ state: "failed", ...failure(error) }));
      }
    },
    [queries, set],
  );

  const begin = useCallback(async () => {
    if (working.current) return;
    for (let wishes = waiting.current.shift(); wishes; wishes = waiting.current.shift()) {
      const these = wishes;
      working.current = true;
      set(these, () => ({ state: "asking" }));
      try {
        const { id } = await onboardMany(these.map(requestOf));
        setBegun({ id, wishes: these });
        void queries.invalidateQueries({ queryKey: ["jobs"], exact: true });
        return;
      } catch (error) {
        working.current = false;
        set(these, () => ({ state: "failed", ...failure(error) }));
      }
    }
  }, [queries, set]);

  const add = useCallback(
    (wishes: readonly Wish[]) => {
      if (wishes.length === 1) return void addOne(wishes[0]!);
      set(wishes, () => ({ state: "waiting" }));
      for (let from = 0; from < wishes.length; from += maxOnboarded)
        waiting.current.push(wishes.slice(from, from + maxOnboarded));
      void begin();
    },
    [addOne, begin, set],
  );

  const onOver = useEffectEvent(() => {
    const over = job.data;
    if (!begun || !over) return;
    const results = onboardedOf(over);
    const given = over.error?.message ?? words.jobEnded;
    set(begun.wishes, (wish, i) => {
      const result = results[i];
      if (!result) return { state: "failed", code: over.error?.code ?? over.state, message: given };
      if (result.code !== null && result.code !== undefined)
        return { state: "failed", code: codeOf(result.code), message: result.detail ?? result.code };
      return { state: "added", cameraId: result.cameraId!, name: wish.login.name || wish.device.name };
    });
    results.forEach((result) => result && result.code == null && result.cameraId && told.current?.(result.cameraId));
    void queries.invalidateQueries({ queryKey: ["cameras"] });
    setBegun(null);
    working.current = false;
    void begin();
  });
  const isOver = job.data !== undefined && !isOpenJob(job.data);
  useEffect(() => {
    if (isOver) onOver();
  }, [isOver, begun]);

  const busy = Object.values(states).some((s) => s.state === "waiting" || s.state === "asking");
  // Only what the server does not know of yet would be lost without a word.
  const lost = busy && (begun === null || Object.values(states).some((s) => s.state === "waiting"));
  useEffect(() => {
    if (!lost) return;
    const stay = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", stay);
    return () => window.removeEventListener("beforeunload", stay);
  }, [lost]);

  return { states, add, busy, goesOn: busy && !lost, job: begun === null ? null : (job.data ?? null) };
}

const requestOf = ({ device, login }: Wish) => ({
  ip: device.ip,
  port: device.port,
  ...(login.username ? { username: login.username, password: login.password } : {}),
  ...(login.name ? { name: login.name } : {}),
});

/** What the job calls a camera that is there already, one device's answer calls otherwise. */
const codeOf = (code: string) => (code === "known" ? "cameraExists" : code);

function failure(error: unknown): { code: string; message: string } {
  if (!(error instanceof ApiError)) return { code: "unexpected", message: String(error) };
  const field = error.problem.fields?.[0];
  return field ? { code: field.code, message: field.message } : { code: error.code, message: error.message };
}
