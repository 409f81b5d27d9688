import { memo } from "react";
import { Link } from "react-router";
import type { EventView } from "@/api/events";
import { cn } from "@/components/cn";
import { clock } from "@/components/time";
import { EventIcon } from "@/events/EventIcon";
import { eventWords } from "@/events/eventWords";
import { factsOf } from "./eventFacts";
import { EventPicture } from "./EventPicture";
import { pictureOf } from "./eventPicture";
import { words } from "./words";

/** One event of the feed: its picture, what it is, where and when. As a card, or as a line beside what is open. */
export const EventItem = memo(function EventItem({
  event,
  to,
  replace,
  open,
  line,
}: {
  event: EventView;
  /** The address that opens it. */
  to: string;
  /** One after the other is one step back. */
  replace: boolean;
  open: boolean;
  line: boolean;
}) {
  const place = event.cameraName ?? event.siteName;
  const time = (
    <time dateTime={event.at} title={event.at} className="tabular block text-[13px]">
      {clock(Date.parse(event.at))}
    </time>
  );
  return (
    <li
      data-event={event.id}
      data-type={event.type}
      data-snapshot={pictureOf(event)}
      className="[contain-intrinsic-size:auto_6rem] [content-visibility:auto]"
    >
      <Link
        to={to}
        replace={replace}
        aria-current={open || undefined}
        className={cn(
          "hover:bg-raised/70 block overflow-hidden -outline-offset-2",
          line ? "flex gap-3 px-3 py-2" : "bg-panel h-full rounded-lg border",
          open && "bg-raised",
        )}
      >
        <div className={cn("relative shrink-0", line && "h-16 w-28")}>
          <EventPicture event={event} className={line ? "size-full rounded" : "aspect-video"} />
          {!line && (
            <span className="absolute right-2 bottom-2 rounded bg-black/65 px-1.5 py-0.5 text-white">{time}</span>
          )}
        </div>
        <div className={cn("min-w-0 flex-1", !line && "p-2.5 sm:p-3")}>
          <p className="flex items-center gap-1.5">
            <EventIcon type={event.type} className="text-soft size-4 shrink-0 stroke-[1.75]" />
            <span
              className={cn("min-w-0 flex-1 font-medium", line ? "truncate" : "line-clamp-2 break-words")}
              title={eventWords(event.type)}
            >
              {eventWords(event.type)}
            </span>
            {line && <span className="text-soft shrink-0">{time}</span>}
          </p>
          <p className="text-soft truncate text-[13px]">
            {[place ?? words.wholeSystem, ...factsOf(event)].join(" · ")}
          </p>
        </div>
      </Link>
    </li>
  );
});
