import type { ReactNode } from "react";
import type { EventView } from "@/api/events";
import { CopyButton } from "@/components/CopyButton";
import { clock, dayAndClock, duration, zoneName } from "@/components/time";
import { classWords, partWords, reasonWords } from "@/events/eventWords";
import { wordFor } from "@/i18n/catalogue";
import { dataOf, percent, sourceWords } from "./eventFacts";
import { words } from "./words";

/** Everything that is known of an event, as far as it says something. */
export function EventFacts({ event }: { event: EventView }) {
  const data = dataOf(event);
  const at = Date.parse(event.at);
  const end = event.endAt && Date.parse(event.endAt);
  const direction = wordFor(words.directions, data.direction);
  return (
    <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1.5 text-[13px]">
      <Fact name={words.when}>
        <time dateTime={event.at} title={event.at} className="tabular">
          {dayAndClock(at)} {zoneName(at)}
        </time>
      </Fact>
      {end && end > at && (
        <Fact name={words.lasted}>
          <span className="tabular">{words.untilFor(clock(end), duration(end - at))}</span>
        </Fact>
      )}
      {event.cameraName && <Fact name={words.camera}>{event.cameraName}</Fact>}
      {event.siteName && <Fact name={words.site}>{event.siteName}</Fact>}
      {event.class && <Fact name={words.class}>{classWords(event.class)}</Fact>}
      {event.confidence !== null && (
        <Fact name={words.confidence}>
          <span className="tabular">{percent(event.confidence)}</span>
        </Fact>
      )}
      {event.plate && (
        <Fact name={words.plate}>
          <span className="tabular font-medium">{event.plate}</span>
          {data.plateCountry && <span className="text-soft"> {data.plateCountry}</span>}
        </Fact>
      )}
      {event.zone && <Fact name={words.zone}>{event.zone}</Fact>}
      {event.line && (
        <Fact name={words.line}>
          {event.line}
          {direction && <span className="text-soft"> · {direction}</span>}
          {data.count !== undefined && <span className="text-soft tabular"> · {words.countToday(data.count)}</span>}
        </Fact>
      )}
      {data.plane && <Fact name={words.part}>{partWords(data.plane)}</Fact>}
      <Fact name={words.by}>{sourceWords(event.source)}</Fact>
      {(data.detail ?? data.reason) && <Fact name={words.reason}>{data.detail ?? reasonWords(data.reason ?? "")}</Fact>}
      {data.thresholds && (
        <Fact name={words.thresholds}>
          <span className="tabular">
            {data.thresholds
              .map(([name, value]) => words.threshold(wordFor(words.thresholdNames, name) ?? name, percent(value)))
              .join(", ")}
          </span>
        </Fact>
      )}
      {data.modelHash && (
        <Fact name={words.model}>
          <span className="flex items-center gap-1">
            <code className="min-w-0 truncate text-[12px]" title={data.modelHash}>
              {data.modelHash.slice(0, 12)}
            </code>
            <CopyButton text={data.modelHash} />
          </span>
        </Fact>
      )}
      <Fact name={words.id}>
        <code className="block truncate text-[12px]" title={event.id}>
          {event.id}
        </code>
      </Fact>
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-soft">{name}</dt>
      <dd className="min-w-0 break-words">{children}</dd>
    </>
  );
}
