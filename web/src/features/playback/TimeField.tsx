import { useEffect, useRef, useState, type Ref } from "react";
import { dayAndClock, zoneName } from "@/components/time";
import { readTime } from "./typedTime";
import { words } from "./words";

/** Date, time and zone of the shown picture; a click turns it into a field for another time. */
export function TimeField({
  ref,
  cursorAt,
  playing,
  onGo,
}: {
  ref: Ref<HTMLButtonElement>;
  cursorAt: () => number;
  playing: boolean;
  onGo: (at: number) => void;
}) {
  const [typing, setTyping] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const close = () => {
    setTyping(false);
    setError(null);
  };
  if (!typing)
    return (
      <button
        ref={ref}
        type="button"
        title={words.goToTimeKey}
        onClick={() => setTyping(true)}
        className="hover:bg-raised mr-auto h-9 min-w-0 rounded-md px-2 text-left max-md:h-11 max-md:leading-tight md:mr-0"
      >
        <CursorClock cursorAt={cursorAt} exact={!playing} />
      </button>
    );
  return (
    <form
      className="relative mr-auto min-w-0 md:mr-0"
      onSubmit={(e) => {
        e.preventDefault();
        const text = String(new FormData(e.currentTarget).get("time") ?? "");
        const read = readTime(text, cursorAt(), Date.now());
        if ("error" in read) return setError(read.error);
        close();
        onGo(read.at);
      }}
    >
      <input
        name="time"
        autoFocus
        autoComplete="off"
        aria-label={words.goToDateAndTime}
        aria-invalid={error !== null}
        aria-describedby="typed-time-note"
        placeholder={words.timeExample}
        onChange={() => setError(null)}
        onBlur={close}
        onKeyDown={(e) => e.key === "Escape" && close()}
        className="tabular bg-ground aria-invalid:border-alarm h-9 w-52 rounded-md border px-2 text-[13px] max-md:h-11 max-md:w-full max-md:text-base"
      />
      <p
        id="typed-time-note"
        role={error ? "alert" : undefined}
        className={
          error
            ? "bg-raised text-alarm absolute right-0 bottom-full z-20 mb-1 rounded-md border px-2 py-1 text-[12px] whitespace-nowrap shadow-xl max-md:right-auto max-md:left-0"
            : "sr-only"
        }
      >
        {error ?? words.timeHelp}
      </p>
    </form>
  );
}

/** Written into the element, not rendered. */
function CursorClock({ cursorAt, exact }: { cursorAt: () => number; exact: boolean }) {
  const element = useRef<HTMLTimeElement>(null);
  useEffect(() => {
    const show = () => {
      if (!element.current) return;
      const at = cursorAt();
      // A single frame is between two seconds.
      const part = exact ? `.${String(Math.floor(((at % 1000) + 1000) % 1000)).padStart(3, "0")}` : "";
      element.current.textContent = `${dayAndClock(at)}${part} ${zoneName(at)}`;
      element.current.dateTime = new Date(at).toISOString();
    };
    show();
    const timer = setInterval(show, 100);
    return () => clearInterval(timer);
  }, [cursorAt, exact]);
  return <time ref={element} data-testid="cursor" className="tabular text-[13px] font-medium md:whitespace-nowrap" />;
}
