import { CalendarDays, ChevronLeft, ChevronRight } from "lucide-react";
import { Popover } from "radix-ui";
import { useRef, useState } from "react";
import { cn } from "@/components/cn";
import { duration } from "@/components/time";
import { Button } from "@/components/ui/Button";
import { noFootage } from "@/timeline/footage";
import { daysOf, monthOf, type FootageDay } from "./footageDays";
import { useMonth } from "./queries";
import { timeFormat } from "@/i18n/formats";
import { words } from "./words";

const monthName = timeFormat({ month: "long", year: "numeric" });
const dayName = timeFormat({ weekday: "long", day: "numeric", month: "long" });
const weekdayName = timeFormat({ weekday: "short" });
/** A Monday and the six days after it. */
const someWeek = Array.from({ length: 7 }, (_, i) => new Date(2026, 5, 1 + i));

/** Which days have footage; choosing one goes to its first. */
export function FootageCalendar({
  cameraId,
  cameraName,
  cursorAt,
  onGo,
}: {
  cameraId: string;
  cameraName: string;
  cursorAt: () => number;
  onGo: (at: number) => void;
}) {
  const [open, setOpen] = useState(false);
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger asChild>
        <Button
          variant="ghost"
          size="icon"
          aria-label={words.calendar}
          title={words.daysWithFootage}
          className="max-md:size-11"
        >
          <CalendarDays />
        </Button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          role="dialog"
          aria-label={words.daysWithFootage}
          side="top"
          align="end"
          sideOffset={8}
          collisionPadding={8}
          className="bg-panel z-50 w-76 rounded-lg border p-3 shadow-2xl"
        >
          <Month
            cameraId={cameraId}
            cameraName={cameraName}
            shown={cursorAt()}
            onGo={(at) => {
              setOpen(false);
              onGo(at);
            }}
          />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

function Month({
  cameraId,
  cameraName,
  shown: first,
  onGo,
}: {
  cameraId: string;
  cameraName: string;
  shown: number;
  onGo: (at: number) => void;
}) {
  const [shown] = useState(first);
  const [by, setBy] = useState(0);
  const grid = useRef<HTMLDivElement>(null);
  const month = monthOf(shown, by);
  const query = useMonth(cameraId, month);
  const days = daysOf(month, query.data ?? noFootage);
  const [now] = useState(() => Date.now());
  const latest = month.to > now;
  const lead = (new Date(month.from).getDay() + 6) % 7;

  /** Arrows move by days and weeks, Page keys by months. */
  const onKey = (e: React.KeyboardEvent) => {
    const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 }[e.key];
    if (e.key === "PageUp") setBy((b) => b - 1);
    else if (e.key === "PageDown" && !latest) setBy((b) => b + 1);
    else if (by !== undefined) {
      const buttons = [...(grid.current?.querySelectorAll<HTMLElement>("button") ?? [])];
      const index = buttons.indexOf(document.activeElement as HTMLElement);
      buttons[Math.min(buttons.length - 1, Math.max(0, index + by))]?.focus();
    } else return;
    e.preventDefault();
  };

  return (
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions -- the keys belong to the days in it
    <div onKeyDown={onKey}>
      <div className="mb-2 flex items-center justify-between">
        <Button variant="ghost" size="icon" aria-label={words.monthBefore} onClick={() => setBy(by - 1)}>
          <ChevronLeft />
        </Button>
        <div className="text-center" aria-live="polite">
          <p className="font-medium">{monthName(month.from)}</p>
          <p className="text-faint max-w-44 truncate text-[12px]">{cameraName}</p>
        </div>
        <Button
          variant="ghost"
          size="icon"
          aria-label={words.monthAfter}
          disabled={latest}
          onClick={() => setBy(by + 1)}
        >
          <ChevronRight />
        </Button>
      </div>
      <div className="text-faint mb-1 grid grid-cols-7 text-center text-[11px]" aria-hidden>
        {someWeek.map((day) => (
          <span key={day.getDate()}>{weekdayName(day)}</span>
        ))}
      </div>
      <div ref={grid} className={cn("grid grid-cols-7", query.isPlaceholderData && "opacity-60")}>
        {Array.from({ length: lead }, (_, i) => (
          <span key={`lead${i}`} />
        ))}
        {days.map((day) => (
          <Day
            key={day.from}
            day={day}
            shown={shown >= day.from && shown < day.to}
            today={now >= day.from && now < day.to}
            unknown={query.data === undefined}
            onGo={onGo}
          />
        ))}
      </div>
      <p className="text-faint mt-2 flex min-h-5 items-center gap-3 text-[12px]">
        {query.isError && query.data === undefined ? (
          <span role="alert" className="text-alarm">
            {query.error.message}{" "}
            <button type="button" className="underline" onClick={() => void query.refetch()}>
              {words.tryAgain}
            </button>
          </span>
        ) : query.isPending ? (
          words.lookingForFootage
        ) : days.every((d) => d.firstFootage === null) ? (
          words.nothingInMonth
        ) : (
          <>
            <span className="flex items-center gap-1.5">
              <i className="bg-accent-strong size-1.5 rounded-full" /> {words.footage}
            </span>
            <span className="flex items-center gap-1.5">
              <i className="bg-alarm size-1.5 rounded-full" /> {words.somethingMissing}
            </span>
          </>
        )}
      </p>
    </div>
  );
}

function Day({
  day,
  shown,
  today,
  unknown,
  onGo,
}: {
  day: FootageDay;
  shown: boolean;
  today: boolean;
  unknown: boolean;
  onGo: (at: number) => void;
}) {
  const first = day.firstFootage;
  const said = [
    dayName(day.from),
    unknown ? null : first === null ? words.nothingRecorded : words.footage,
    day.lost > 0 ? words.lengthMissing(duration(day.lost)) : null,
  ].filter(Boolean);
  return (
    <button
      type="button"
      // Focusable also when empty: the arrow keys walk over it.
      aria-disabled={first === null}
      aria-current={today ? "date" : undefined}
      aria-label={said.join(", ")}
      title={said.slice(1).join(", ")}
      autoFocus={shown}
      onClick={() => first !== null && onGo(first)}
      className={cn(
        "tabular hover:bg-raised relative h-10 rounded-md text-[13px]",
        first === null && "text-faint cursor-default hover:bg-transparent",
        today && "text-accent font-semibold",
        shown && "bg-raised ring-accent ring-1",
      )}
    >
      {day.dayOfMonth}
      <span className="absolute inset-x-0 bottom-1 flex justify-center gap-0.5" aria-hidden>
        {first !== null && <i className="bg-accent-strong size-1.5 rounded-full" />}
        {day.lost > 0 && <i className="bg-alarm size-1.5 rounded-full" />}
      </span>
    </button>
  );
}
