import { BellOff, Check, CheckCheck } from "lucide-react";
import { Link } from "react-router";
import type { AlarmAct, AlarmView } from "@/api/alarms";
import { useAudit } from "@/api/audit";
import { useCameras } from "@/api/cameras";
import { useEvent } from "@/api/events";
import { useMay, useMe } from "@/api/useMe";
import { useUsers } from "@/api/users";
import { Skeleton } from "@/components/States";
import { clock, dayAndClock } from "@/components/time";
import { Button } from "@/components/ui/Button";
import { MomentFrame } from "@/features/playback/MomentFrame";
import { AlarmComment } from "./AlarmComment";
import { historyOf, type AuditedDeed } from "./alarmHistory";
import { SeverityMark, severityWords, StateBadge } from "./AlarmMarks";
import { EventActions } from "./EventActions";
import { EventFacts } from "./EventFacts";
import { EventStill } from "./EventStill";
import { Moment } from "./Moment";
import { words } from "./words";

/** One alarm: what can be done about it, the moment that raised it, and what was done. */
export function AlarmDetail({
  alarm,
  busy,
  onAct,
}: {
  alarm: AlarmView;
  busy: boolean;
  /** Resolves to whether it was done. */
  onAct: (act: AlarmAct) => Promise<boolean>;
}) {
  const may = useMay();
  const mayAct = may("alarms.write");
  const cameras = useCameras(may("cameras.read"));
  const camera = cameras.data?.find((c) => c.id === alarm.cameraId);
  const event = useEvent(alarm.eventId, alarm.eventAt).data;
  return (
    <div className="@container space-y-5 p-4">
      <div className="flex flex-wrap items-center gap-2">
        <StateBadge state={alarm.state} />
        <span className="flex items-center gap-1.5 text-[13px]">
          <SeverityMark severity={alarm.severity} /> {severityWords(alarm.severity)}
        </span>
        {alarm.state === "open" && alarm.escalateAt && (
          <span className="text-warn text-[13px]">{words.escalatesAt(clock(Date.parse(alarm.escalateAt)))}</span>
        )}
      </div>
      {mayAct ? (
        <div className="flex flex-wrap items-center gap-2">
          {alarm.state === "open" && (
            <Button
              variant="primary"
              className="max-md:h-11"
              disabled={busy}
              onClick={() => void onAct({ kind: "acknowledge" })}
            >
              <Check /> {words.acknowledge}
            </Button>
          )}
          {alarm.state !== "closed" && (
            <>
              <Button className="max-md:h-11" disabled={busy} onClick={() => void onAct({ kind: "close" })}>
                <CheckCheck /> {words.closeAlarm}
              </Button>
              <Owner alarm={alarm} busy={busy} onAct={onAct} />
            </>
          )}
        </div>
      ) : (
        <p className="text-soft flex items-center gap-2 text-[13px]">
          <BellOff className="size-4" aria-hidden /> {words.mayNotAct}
        </p>
      )}
      {alarm.cameraId !== null && (
        <MomentFrame>
          {cameras.isLoading ? (
            <Skeleton className="h-full rounded-none" />
          ) : (
            <Moment key={alarm.id} camera={camera} at={alarm.eventAt} />
          )}
        </MomentFrame>
      )}
      <EventActions key={alarm.id} camera={camera} at={alarm.eventAt} endAt={event?.endAt ?? null} />
      <div className="grid gap-5 @2xl:grid-cols-2">
        <section aria-label={words.history} className="space-y-3">
          <h3 className="text-soft text-[13px] font-medium">{words.history}</h3>
          <History alarm={alarm} />
          {mayAct && <AlarmComment key={alarm.id} onSend={(text) => onAct({ kind: "comment", text })} />}
        </section>
        <section aria-label={words.event} className="space-y-3">
          <div className="flex items-baseline justify-between gap-2">
            <h3 className="text-soft text-[13px] font-medium">{words.event}</h3>
            <Link
              to={`/events?event=${encodeURIComponent(alarm.eventId)}&at=${encodeURIComponent(alarm.eventAt)}`}
              className="text-accent text-[13px] hover:underline"
            >
              {words.showEvent}
            </Link>
          </div>
          {event && event.cameraId !== null && (event.box ?? event.snapshotUrl) !== null && may("recordings.read") && (
            <EventStill key={alarm.id} event={event} camera={camera} />
          )}
          {event ? <EventFacts event={event} /> : event === null && <p className="text-soft">{words.eventGone}</p>}
        </section>
      </div>
    </div>
  );
}

function Owner({
  alarm,
  busy,
  onAct,
}: {
  alarm: AlarmView;
  busy: boolean;
  onAct: (act: AlarmAct) => Promise<boolean>;
}) {
  const me = useMe().data?.username;
  const users = useUsers(useMay()("users.read"));
  // Whoever may not see the users can take it, and give it back.
  const names = new Set([
    ...(me ? [me] : []),
    ...(users.data ?? []).filter((u) => u.enabled).map((u) => u.username),
    ...(alarm.assignedTo ? [alarm.assignedTo] : []),
  ]);
  return (
    <select
      aria-label={words.owner}
      disabled={busy}
      value={alarm.assignedTo ?? ""}
      onChange={(e) => void onAct({ kind: "assign", to: e.target.value || null })}
      className="bg-ground h-9 max-w-60 rounded-md border px-2 max-md:h-11"
    >
      <option value="">{words.nobody}</option>
      {[...names].map((name) => (
        <option key={name} value={name}>
          {name === me ? words.mine(name) : name}
        </option>
      ))}
    </select>
  );
}

function History({ alarm }: { alarm: AlarmView }) {
  const mayAudit = useMay()("audit.read");
  return mayAudit ? <AuditedHistory alarm={alarm} /> : <Deeds alarm={alarm} audited={[]} />;
}

function AuditedHistory({ alarm }: { alarm: AlarmView }) {
  // Another version of the alarm has another entry in the log.
  const audit = useAudit({ subject: alarm.id, from: alarm.at });
  const audited = (audit.data?.pages ?? []).flatMap((page) =>
    page.items.map(({ at, actor, action, detail }): AuditedDeed => {
      const { value, target } = (detail ?? {}) as { value?: string | null; target?: string | null };
      return { at, actor, action, value: value ?? target ?? null };
    }),
  );
  return <Deeds alarm={alarm} audited={audited} />;
}

function Deeds({ alarm, audited }: { alarm: AlarmView; audited: readonly AuditedDeed[] }) {
  return (
    <ol className="space-y-2.5">
      {historyOf(alarm, audited).map((deed) => (
        <li key={`${deed.at} ${deed.what}`} className="text-[13px]">
          <p>
            {deed.by && <span className="font-medium">{deed.by} </span>}
            {deed.what}
            <time dateTime={deed.at} title={deed.at} className="text-faint tabular ml-2">
              {dayAndClock(Date.parse(deed.at))}
            </time>
          </p>
          {deed.text && <p className="bg-raised mt-1 rounded-md px-3 py-2 whitespace-pre-wrap">{deed.text}</p>}
        </li>
      ))}
    </ol>
  );
}
