import { Radar } from "lucide-react";
import { useEffect, useEffectEvent, useMemo, useRef, useState } from "react";
import { useSearchParams } from "react-router";
import { isForgotten, useScan, useStartScan } from "@/api/discovery";
import { ApiError, isRefusal } from "@/api/problem";
import { EmptyState } from "@/components/States";
import { Button } from "@/components/ui/Button";
import { AddByAddress } from "./AddByAddress";
import { AddSelected } from "./AddSelected";
import { DeviceCard } from "./DeviceCard";
import { merged, type Candidate } from "./found";
import { ScanBar } from "./ScanBar";
import { useAdding, type Login } from "./useAdding";
import { words } from "./words";

const nothingOwn: Login = { username: "", password: "", name: "" };

/** Looks for devices, shows them as they answer, and adds those that are chosen. `?scan=ID` is the search that is shown, `?subnet=` where. */
export function FindCameras({
  onAdded,
  onBusy,
}: {
  onAdded?: ((cameraId: string) => void) | undefined;
  /** Some are still being added: they would be lost with this page. */
  onBusy?: ((busy: boolean) => void) | undefined;
}) {
  const [search, setSearch] = useSearchParams();
  const subnet = search.get("subnet");
  const scan = useScan(search.get("scan"));
  const start = useStartScan();
  const { states, add, busy, goesOn, job } = useAdding(onAdded);
  const tellBusy = useEffectEvent((now: boolean) => onBusy?.(now));
  useEffect(() => {
    tellBusy(busy);
    return () => tellBusy(false);
  }, [busy]);
  const [typed, setTyped] = useState<readonly Candidate[]>([]);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [own, setOwn] = useState<Readonly<Record<string, Login>>>({});
  const [forAll, setForAll] = useState({ username: "", password: "" });
  const found = useFound(typed, scan.data?.devices);

  const running = start.isPending || (scan.data?.state === "running" && !isRefusal(scan.error));
  const forgotten = isForgotten(scan.error);
  const scanError = start.error ?? (forgotten ? null : scan.error);
  const fresh = found.filter((d) => !d.known);
  const known = found.filter((d) => d.known);
  const choosable = fresh.filter((d) => !states[d.key] || states[d.key]?.state === "failed");
  const chosen = choosable.filter((d) => selected.has(d.key) && !states[d.key]);

  const go = (wanted: string | null) =>
    start.mutate(wanted, {
      onSuccess: ({ scanId }) =>
        setSearch(
          (current) => {
            current.set("scan", scanId);
            if (wanted) current.set("subnet", wanted);
            else current.delete("subnet");
            return current;
          },
          { replace: true },
        ),
    });
  // Whoever comes here wants to know what there is.
  const begun = useRef(search.has("scan"));
  const begin = useEffectEvent(() => go(subnet));
  useEffect(() => {
    if (begun.current) return;
    begun.current = true;
    begin();
  }, []);
  const select = (keys: readonly string[], on: boolean) =>
    setSelected((all) => {
      const next = new Set(all);
      keys.forEach((key) => (on ? next.add(key) : next.delete(key)));
      return next;
    });
  /** What was typed for it alone, and the rest from what was typed for all: devices of other user names often share a password. */
  const loginOf = ({ key }: Candidate): Login => {
    const mine = own[key] ?? nothingOwn;
    return {
      name: mine.name,
      username: mine.username || forAll.username,
      password: mine.password || forAll.password,
    };
  };
  const addAll = (devices: readonly Candidate[]) => add(devices.map((device) => ({ device, login: loginOf(device) })));

  return (
    <div className="space-y-5">
      <ScanBar
        key={subnet}
        subnet={subnet}
        scanned={scan.data !== undefined}
        busy={running}
        error={start.error instanceof ApiError ? start.error.field("subnet") : undefined}
        onScan={go}
      />
      <ScanState
        running={running}
        found={fresh.length}
        error={
          scanError && !(scanError instanceof ApiError && scanError.field("subnet"))
            ? scanError.message
            : scan.data?.error
              ? words.scanFailed(scan.data.error)
              : null
        }
        done={scan.data?.state === "done" || scan.data?.state === "cancelled"}
      />
      {fresh.length > 0 && (
        <section aria-label={words.devices} className="space-y-3">
          {choosable.length > 1 && (
            <Button
              size="sm"
              variant="ghost"
              className="max-md:h-11"
              onClick={() =>
                select(
                  choosable.map((d) => d.key),
                  !choosable.every((d) => selected.has(d.key)),
                )
              }
            >
              {choosable.every((d) => selected.has(d.key)) ? words.selectNone : words.selectAll(choosable.length)}
            </Button>
          )}
          <ul className="grid items-start gap-3 md:grid-cols-2">
            {fresh.map((device) => (
              <DeviceCard
                key={device.key}
                device={device}
                adding={states[device.key]}
                selected={selected.has(device.key)}
                own={own[device.key] ?? nothingOwn}
                shared={forAll.username}
                onSelect={(on) => select([device.key], on)}
                onOwn={(login) => setOwn((all) => ({ ...all, [device.key]: login }))}
                onRetry={() => addAll([device])}
              />
            ))}
          </ul>
        </section>
      )}
      {found.length === 0 && !running && (scan.data || forgotten) && (
        <EmptyState icon={<Radar />} title={words.nothing} detail={words.nothingDetail} />
      )}
      {known.length > 0 && (
        <details className="text-soft text-[13px]">
          <summary className="py-2">{words.alreadyAddedCount(known.length)}</summary>
          <ul className="mt-2 grid gap-x-6 gap-y-1 sm:grid-cols-2">
            {known.map((d) => (
              <li key={d.key} className="flex justify-between gap-3">
                <span className="truncate">{d.name}</span>
                <span className="tabular">{d.key}</span>
              </li>
            ))}
          </ul>
        </details>
      )}
      <AddByAddress
        onAdd={(device) => {
          setTyped((all) => [...all, device]);
          select([device.key], true);
        }}
      />
      <AddSelected
        count={chosen.length}
        states={Object.values(states)}
        job={job}
        busy={busy}
        goesOn={goesOn}
        login={forAll}
        onLogin={setForAll}
        onAdd={() => addAll(chosen)}
      />
    </div>
  );
}

/** Devices in the order in which they came; none is lost when another search begins. */
function useFound(typed: readonly Candidate[], devices: Parameters<typeof merged>[1] | undefined): Candidate[] {
  const [shown, setShown] = useState<Candidate[]>([]);
  const next = useMemo(() => {
    const withTyped = [...shown, ...typed.filter((t) => !shown.some((s) => s.key === t.key))];
    return merged(withTyped, devices ?? []);
  }, [shown, typed, devices]);
  // What was new when it was first seen stays new, though a later answer knows it.
  if (next.length !== shown.length) setShown(next);
  return next;
}

function ScanState({
  running,
  found,
  error,
  done,
}: {
  running: boolean;
  found: number;
  error: string | null;
  done: boolean;
}) {
  if (error)
    return (
      <p role="alert" className="bg-alarm/10 text-alarm rounded-md px-3 py-2 text-[13px]">
        {error}
      </p>
    );
  if (!running && !(done && found > 0)) return null;
  return (
    <div role="status" className="space-y-2">
      <p className="text-soft text-[13px]">{running ? words.searching(found) : words.found(found)}</p>
      {running && (
        <div className="bg-line h-0.5 overflow-hidden rounded-full" aria-hidden>
          <div className="scanning bg-accent h-full w-1/3 rounded-full" />
        </div>
      )}
    </div>
  );
}
