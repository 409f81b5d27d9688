import { RefreshCw, TriangleAlert } from "lucide-react";
import type { FormEvent } from "react";
import { useCheckDevice, useDevice } from "@/api/device";
import type { Camera } from "@/api/types";
import { useMayFor } from "@/api/useMe";
import { toneText } from "@/components/cameraWords";
import { cn } from "@/components/cn";
import { Skeleton } from "@/components/States";
import { dayAndClock } from "@/components/time";
import { Button } from "@/components/ui/Button";
import { TextField } from "@/components/ui/Field";
import { wordFor } from "@/i18n/catalogue";
import { Card, Facts } from "./Card";
import { clockWords } from "./clock";
import { words } from "./words";

/** What the device is, whether its clock is right, and what changed of it. */
export function DeviceCard({ camera }: { camera: Camera }) {
  const device = useDevice(camera.id);
  const check = useCheckDevice(camera.id);
  const mayCheck = useMayFor()("cameras.write", camera);
  const { data } = device;
  const clock = data?.clock ? clockWords(data.clock.offsetMs) : null;
  const error = check.error ?? device.error;
  return (
    <Card
      title={words.device}
      action={
        mayCheck && (
          <Button
            size="sm"
            variant="ghost"
            className="max-md:h-11"
            disabled={check.isPending}
            onClick={() => check.mutate(null)}
          >
            <RefreshCw className={cn(check.isPending && "animate-spin")} /> {words.checkNow}
          </Button>
        )
      }
    >
      {device.isPending ? (
        <Skeleton className="h-32" />
      ) : (
        <>
          {/* A camera that never spoke ONVIF is said to be one below; that is nothing to see to. */}
          {data?.problem && (data.onvif || data.problem.code === "badCredentials") && (
            <p role="status" className="bg-warn/10 text-warn mb-3 flex gap-2 rounded-md px-3 py-2 text-[13px]">
              <TriangleAlert className="mt-0.5 size-4 shrink-0" aria-hidden />
              <span>{wordFor(words.deviceProblems, data.problem.code) ?? data.problem.detail}</span>
            </p>
          )}
          {error && (
            <p role="alert" className="text-warn mb-3 text-[13px]">
              {error.message}
            </p>
          )}
          {data && !data.onvif && (
            <p className="text-soft mb-3 text-[13px]">{data.checkedAt ? words.noOnvif : words.notAsked}</p>
          )}
          {mayCheck && data?.checkedAt && !data.onvif && (
            <OtherPort busy={check.isPending} onAsk={(port) => check.mutate(port)} />
          )}
          {data && (
            <Facts
              facts={[
                [words.maker, data.maker],
                [words.model, data.model],
                [words.firmware, data.firmware],
                [words.serialNumber, data.serialNumber],
                [words.hardware, data.hardwareId],
                [words.address, data.address],
                [
                  words.clock,
                  clock && (
                    <span>
                      <span className={toneText[clock.tone]}>{clock.text}</span>
                      {data.clock?.ntp != null && (
                        <span className="text-soft"> · {data.clock.ntp ? words.withNtp : words.withoutNtp}</span>
                      )}
                    </span>
                  ),
                ],
                [words.events, data.onvif ? wordFor(words.eventSources, data.events) : null],
                [words.checkedAt, data.checkedAt && dayAndClock(Date.parse(data.checkedAt))],
              ]}
            />
          )}
          {data && data.changes.length > 0 && (
            <>
              <h3 className="text-soft mt-4 mb-1.5 text-[13px] font-medium">{words.changes}</h3>
              <ul className="max-h-48 space-y-1 overflow-y-auto text-[13px]">
                {data.changes.map((change) => (
                  <li key={`${change.at} ${change.what}`}>
                    <span className="text-soft tabular">{dayAndClock(Date.parse(change.at))}</span>{" "}
                    {words.changed(
                      wordFor(words.changedWhat, change.what) ?? change.what,
                      change.was ?? "–",
                      change.now ?? "–",
                    )}
                  </li>
                ))}
              </ul>
            </>
          )}
        </>
      )}
    </Card>
  );
}

/** Some devices have the web server for ONVIF elsewhere than at port 80. */
function OtherPort({ busy, onAsk }: { busy: boolean; onAsk: (port: number) => void }) {
  function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    onAsk(Number(new FormData(event.currentTarget).get("port")));
  }
  return (
    <form onSubmit={onSubmit} className="mb-3 flex items-end gap-2">
      <TextField label={words.otherPort} name="port" type="number" min={1} max={65535} placeholder="8000" required />
      <Button type="submit" className="mb-1.5 h-10 max-md:h-11" disabled={busy}>
        {words.ask}
      </Button>
    </form>
  );
}
