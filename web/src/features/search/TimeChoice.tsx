import { toLocalInput } from "@/components/time";
import type { Span } from "@/timeline/footage";
import { lengths, type Length, type SearchWish } from "./wish";
import { words } from "./words";

const field = "bg-raised h-9 rounded-md border px-2 max-md:h-11";

/** Up to now, or from one time to another. */
export function TimeChoice({
  time,
  whole,
  onChange,
}: {
  time: SearchWish["time"];
  /** What it comes to. */
  whole: Span;
  onChange: (time: SearchWish["time"]) => void;
}) {
  const own = typeof time !== "string";
  // An end that goes beyond the other one takes it along: as much time as before.
  const length = whole.to - whole.from;
  return (
    <div className="flex flex-wrap items-center gap-2 max-md:w-full">
      <select
        aria-label={words.time}
        value={own ? "own" : time}
        onChange={(e) => onChange(e.target.value === "own" ? whole : (e.target.value as Length))}
        className={`${field} max-md:flex-1`}
      >
        {Object.keys(lengths).map((length) => (
          <option key={length} value={length}>
            {words.lengths[length as Length]}
          </option>
        ))}
        <option value="own">{words.ownTime}</option>
      </select>
      {own && (
        <>
          <TimeField
            label={words.from}
            at={whole.from}
            onChange={(from) => onChange({ from, to: from < whole.to ? whole.to : from + length })}
          />
          <TimeField
            label={words.to}
            at={whole.to}
            onChange={(to) => onChange({ from: whole.from < to ? whole.from : to - length, to })}
          />
        </>
      )}
    </div>
  );
}

/** Told when it is typed to its end: half a date would ask the server for another age. */
function TimeField({ label, at, onChange }: { label: string; at: number; onChange: (at: number) => void }) {
  return (
    <input
      key={at}
      type="datetime-local"
      aria-label={label}
      defaultValue={toLocalInput(at).slice(0, 16)}
      onBlur={(e) => {
        const typed = Date.parse(e.target.value);
        if (e.target.value !== toLocalInput(at).slice(0, 16) && !Number.isNaN(typed)) onChange(typed);
      }}
      onKeyDown={(e) => e.key === "Enter" && e.currentTarget.blur()}
      className={`${field} tabular max-md:min-w-0 max-md:flex-1`}
    />
  );
}
