import { useCallback, useEffect, useRef, useState } from "react";
import { api } from "@/api/client";
import type { Span } from "@/timeline/footage";
import { linesOf } from "./lines";
import { regionText, type Region } from "./region";
import { begun, told, type MotionSearch } from "./searchState";
import { sensitivities, usualSensitivity, type MotionWish } from "./wish";
import { words } from "./words";

const iso = (ms: number) => new Date(ms).toISOString();

/** Motion search in playback: what is wished for, the one search that runs, and what it found. Each camera has its own region. */
export function useMotion(cameraId: string | undefined, first: MotionWish | null) {
  const [isOpen, setOpen] = useState(first !== null);
  const [regions, setRegions] = useState<Record<string, Region | null>>(
    first && cameraId ? { [cameraId]: first.region } : {},
  );
  const [sensitivity, setSensitivity] = useState(first?.sensitivity ?? usualSensitivity);
  const [search, setSearch] = useState<MotionSearch | null>(null);
  const running = useRef<AbortController>(null);
  const region = (cameraId && regions[cameraId]) || null;

  const run = useCallback(async (id: string, span: Span, where: Region | null, change: number) => {
    running.current?.abort();
    const own = (running.current = new AbortController());
    const update = (change: (now: MotionSearch) => MotionSearch) =>
      !own.signal.aborted && setSearch((now) => now && change(now));
    setSearch(begun(id, span));
    try {
      const answer = await api.fetch("get", "/api/cameras/{id}/motion", {
        path: { id },
        query: {
          from: iso(span.from),
          to: iso(span.to),
          minChange: change,
          ...(where && { region: [regionText(where)] }),
        },
        signal: own.signal,
      });
      for await (const lines of linesOf(answer.body!)) update((now) => told(now, lines));
      update((now) => (now.phase === "running" ? { ...now, phase: "failed", problem: words.connectionLost } : now));
    } catch (e) {
      const problem = e instanceof Error && e.name === "ApiError" ? e.message : words.connectionLost;
      update((now) => ({ ...now, phase: "failed", problem }));
    }
  }, []);

  const stop = useCallback(() => {
    running.current?.abort();
    setSearch((now) => (now?.phase === "running" ? { ...now, phase: "stopped" } : now));
  }, []);
  useEffect(() => () => running.current?.abort(), []);

  const start = (span: Span) => cameraId && void run(cameraId, span, region, sensitivities[sensitivity]!.change);

  // A link to a search is that search.
  const linked = useRef(first?.span ?? null);
  useEffect(() => {
    const span = linked.current;
    linked.current = null;
    if (span && first && cameraId) void run(cameraId, span, first.region, sensitivities[first.sensitivity]!.change);
  }, [run, first, cameraId]);

  const own = search && search.cameraId === cameraId ? search : null;
  return {
    isOpen,
    open: () => setOpen(true),
    close: () => {
      stop();
      setSearch(null);
      setOpen(false);
    },
    region,
    setRegion: (next: Region | null) => cameraId && setRegions((all) => ({ ...all, [cameraId]: next })),
    sensitivity,
    setSensitivity,
    /** Of the active camera; null when nothing was searched yet. */
    search: own,
    start,
    stop,
    wish: (): MotionWish | null => (isOpen ? { region, sensitivity, span: own?.span ?? null } : null),
  };
}

export type Motion = ReturnType<typeof useMotion>;
