import type { ReactNode } from "react";
import { Link } from "react-router";
import { useDashboard, type Alert } from "@/api/dashboard";
import type { Camera } from "@/api/types";
import { keepsTooShort, stateWords, toneText } from "@/components/cameraWords";
import { readBackTrouble } from "@/components/readBackWords";
import { dayAndClock, forecastWords } from "@/components/time";
import { When } from "@/components/When";
import { wordFor } from "@/i18n/catalogue";
import { furtherAlerts } from "./attention";
import { words } from "./words";

/** Everything that needs a person now, camera by camera; nothing at all while all is well. */
export function Attention({ cameras }: { cameras: readonly Camera[] }) {
  const alerts = furtherAlerts(useDashboard((dashboard) => dashboard.alerts).data ?? []);
  const short = cameras.filter(keepsTooShort);
  const unread = cameras.filter(readBackTrouble);
  const troubled = cameras.filter((c) => ["alarm", "warn"].includes(stateWords(c).tone));
  if (alerts.length + troubled.length + short.length + unread.length === 0) return null;
  return (
    <section>
      <h2 className="mb-3 font-semibold">{words.needsAttention}</h2>
      <ul className="bg-panel divide-y rounded-lg border">
        {troubled.map((camera) => {
          const state = stateWords(camera);
          return (
            <Line key={camera.id} camera={camera}>
              <span className={toneText[state.tone]}>{state.text}</span>
              {state.why && <> · {state.why}</>}
            </Line>
          );
        })}
        {unread.map((camera) => (
          <Line key={`${camera.id} readBack`} camera={camera} title={camera.recording.readBack!.detail ?? undefined}>
            <span className="text-alarm">
              {words.recordedAt(dayAndClock(Date.parse(camera.recording.readBack!.from)))}
            </span>{" "}
            {readBackTrouble(camera)} · {words.lookAtDisk}
          </Line>
        ))}
        {short.map((camera) => (
          <Line key={`${camera.id} retention`} camera={camera}>
            <span className="text-warn">{words.keeps(forecastWords(camera.recording.forecastDays!))}</span>{" "}
            {words.keepsTooShort(forecastWords(camera.recording.retention.minAgeDays!))}
          </Line>
        ))}
        {alerts.map((alert) => (
          <AlertLine
            key={`${alert.code} ${alert.cameraId}`}
            alert={alert}
            camera={cameras.find((c) => c.id === alert.cameraId)}
          />
        ))}
      </ul>
    </section>
  );
}

function AlertLine({ alert, camera }: { alert: Alert; camera: Camera | undefined }) {
  const word = wordFor(words.alerts, alert.code);
  return (
    <Line camera={camera} title={alert.message}>
      <span className={alert.severity === "critical" ? "text-alarm" : "text-warn"}>{word ?? alert.message}</span>
      {alert.since && (
        <>
          {" · "}
          <When at={alert.since} />
        </>
      )}
    </Line>
  );
}

function Line({
  camera,
  title,
  children,
}: {
  camera: Camera | undefined;
  title?: string | undefined;
  children: ReactNode;
}) {
  return (
    <li className="flex flex-wrap items-baseline justify-between gap-x-4 px-4 py-3">
      {camera && (
        <Link to={`/cameras/${camera.id}`} className="font-medium hover:underline">
          {camera.name}
        </Link>
      )}
      <span className="text-soft text-[13px]" title={title}>
        {children}
      </span>
    </li>
  );
}
