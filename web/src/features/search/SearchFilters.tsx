import { useState, type ReactNode } from "react";
import { useCameras } from "@/api/cameras";
import type { Counts } from "@/api/detections";
import { useTree } from "@/api/tree";
import { cn } from "@/components/cn";
import { Button } from "@/components/ui/Button";
import { classWords } from "@/events/eventWords";
import { number } from "@/i18n/formats";
import { Attributes } from "./Attributes";
import { CameraPicker } from "./CameraPicker";
import { facetsOf, shapeNames } from "./facets";
import { TimeChoice } from "./TimeChoice";
import type { Search } from "./useSearch";
import { anything, isNarrowed, type SearchWish } from "./wish";
import { words } from "./words";

const field =
  "bg-raised h-9 min-w-0 rounded-md border px-2 max-md:h-11 max-md:max-w-none max-md:flex-1 max-md:basis-[40%]";

/** Where, when and what: the same on every page of the search. What is chosen counts at once. */
export function SearchFilters({
  search,
  counts,
  children,
}: {
  search: Search;
  /** By class, of all classes. */
  counts: Counts | undefined;
  /** Further ones of the page. */
  children?: ReactNode;
}) {
  const { wish, change } = search;
  const cameras = useCameras().data ?? [];
  const tree = useTree().data;
  const { zones, lines } = shapeNames(cameras, wish, tree?.groups ?? []);
  return (
    <div role="search" aria-label={words.filters} className="space-y-2">
      <div className="flex flex-wrap items-center gap-2">
        <CameraPicker cameras={cameras} tree={tree} chosen={wish} onChange={change} />
        <TimeChoice time={wish.time} whole={search.whole} onChange={(time) => change({ time, narrow: null })} />
        <ShapeChoice
          label={words.zone}
          any={words.anyZone}
          names={zones}
          chosen={wish.zone}
          onChange={(zone) => change({ zone })}
        />
        <ShapeChoice
          label={words.line}
          any={words.anyLine}
          names={lines}
          chosen={wish.line}
          onChange={(line) => change({ line, direction: line === null ? null : wish.direction })}
        />
        {wish.line && (
          <select
            aria-label={words.direction}
            value={wish.direction ?? ""}
            onChange={(e) => change({ direction: (e.target.value || null) as SearchWish["direction"] })}
            className={field}
          >
            <option value="">{words.bothDirections}</option>
            <option value="in">{words.directions.in}</option>
            <option value="out">{words.directions.out}</option>
          </select>
        )}
        <PlateField key={wish.plate ?? ""} plate={wish.plate} onChange={(plate) => change({ plate })} />
        <Attributes wish={wish} onChange={change} />
        {children}
        {isNarrowed(wish) && (
          <Button variant="ghost" className="max-md:h-11" onClick={() => change({ ...anything, time: wish.time })}>
            {words.clear}
          </Button>
        )}
      </div>
      <ClassChips counts={counts} chosen={wish.classes} onChange={(classes) => change({ classes })} />
    </div>
  );
}

/** Zones or lines that the chosen cameras have, and the one that is asked for. */
function ShapeChoice({
  label,
  any,
  names,
  chosen,
  onChange,
}: {
  label: string;
  any: string;
  names: readonly string[];
  chosen: string | null;
  onChange: (name: string | null) => void;
}) {
  const all = chosen === null || names.includes(chosen) ? names : [chosen, ...names];
  if (all.length === 0) return null;
  return (
    <select
      aria-label={label}
      value={chosen ?? ""}
      onChange={(e) => onChange(e.target.value || null)}
      className={cn(field, "max-w-48", chosen !== null && "border-accent text-accent")}
    >
      <option value="">{any}</option>
      {all.map((name) => (
        <option key={name} value={name}>
          {name}
        </option>
      ))}
    </select>
  );
}

/** Sought when it is typed to its end. */
function PlateField({ plate, onChange }: { plate: string | null; onChange: (plate: string | null) => void }) {
  const [text, setText] = useState(plate ?? "");
  const done = () => text.trim() !== (plate ?? "") && onChange(text.trim() || null);
  return (
    <input
      type="search"
      aria-label={words.plate}
      placeholder={words.plateExample}
      title={words.plateHint}
      autoCapitalize="characters"
      autoComplete="off"
      spellCheck={false}
      maxLength={32}
      value={text}
      onChange={(e) => setText(e.target.value)}
      onBlur={done}
      onKeyDown={(e) => e.key === "Enter" && done()}
      className={cn(field, "w-40", plate !== null && "border-accent text-accent")}
    />
  );
}

function ClassChips({
  counts,
  chosen,
  onChange,
}: {
  counts: Counts | undefined;
  chosen: readonly string[];
  onChange: (classes: string[]) => void;
}) {
  return (
    <div
      role="group"
      aria-label={words.classes}
      className="flex gap-1.5 max-md:-mx-4 max-md:overflow-x-auto max-md:px-4 md:flex-wrap"
    >
      {facetsOf(counts?.series ?? [], chosen).map(({ name, total }) => {
        const on = chosen.includes(name);
        return (
          <button
            key={name}
            type="button"
            aria-pressed={on}
            onClick={() => onChange(on ? chosen.filter((c) => c !== name) : [...chosen, name])}
            className={cn(
              "bg-panel hover:bg-raised flex h-8 shrink-0 items-center gap-1.5 rounded-full border px-3 text-[13px] max-md:h-11",
              on && "border-accent text-accent",
              !on && total === 0 && "text-faint",
            )}
          >
            {classWords(name)}
            {counts && <span className="tabular text-faint text-[12px]">{number(total)}</span>}
          </button>
        );
      })}
    </div>
  );
}
