import { useState } from "react";
import type { Camera } from "@/api/types";
import { groupsOf, type GetTreeTenantNode } from "@/api/tree";
import { dayAndClock, toLocalInput } from "@/components/time";
import { Button } from "@/components/ui/Button";
import { Check } from "@/components/ui/Check";
import { SelectField, TextField } from "@/components/ui/Field";
import {
  classWords,
  eventKindOf,
  eventKinds,
  eventTypes,
  eventWords,
  kindWords,
  objectClasses,
} from "@/events/eventWords";
import { isFiltering, noFilter, type EventFilter } from "./eventFilter";
import { FilterChip } from "./FilterChip";
import { timeChoices } from "./timeChoices";
import { words } from "./words";

/** What is looked for, as chips. */
export function EventFilterBar({
  filter,
  cameras,
  tree,
  onChange,
}: {
  filter: EventFilter;
  cameras: readonly Camera[];
  tree: GetTreeTenantNode | undefined;
  onChange: (filter: EventFilter) => void;
}) {
  const set = (change: Partial<EventFilter>) => onChange({ ...filter, ...change });
  const groups = [...groupsOf(tree?.groups ?? [])];
  const nameOf = (id: string) =>
    cameras.find((c) => c.id === id)?.name ?? groups.find(({ group }) => group.id === id)?.group.name ?? id;
  const places = [...filter.groups, ...filter.cameras].map(nameOf);
  return (
    <div
      role="group"
      aria-label={words.filter}
      className="flex [scrollbar-width:none] items-center gap-2 overflow-x-auto px-3 py-2 md:flex-wrap md:px-4"
    >
      <FilterChip label={words.cameras} chosen={several(places)} onClear={() => set({ cameras: [], groups: [] })}>
        {() => (
          <>
            <Choices
              label={words.groups}
              items={groups.map(({ group }) => [group.id, group.name])}
              chosen={filter.groups}
              onChange={(chosen) => set({ groups: chosen })}
            />
            <Choices
              label={words.cameras}
              items={cameras.map((c) => [c.id, c.name])}
              chosen={filter.cameras}
              onChange={(chosen) => set({ cameras: chosen })}
            />
          </>
        )}
      </FilterChip>
      <FilterChip
        label={words.type}
        wide
        chosen={several(filter.types.map(eventWords))}
        onClear={() => set({ types: [] })}
      >
        {() =>
          eventKinds.map((kind) => (
            <Choices
              key={kind}
              label={kindWords(kind)}
              items={[...new Set([...eventTypes(), ...filter.types])]
                .filter((type) => eventKindOf(type) === kind)
                .map((type) => [type, eventWords(type)])}
              chosen={filter.types}
              onChange={(chosen) => set({ types: chosen })}
            />
          ))
        }
      </FilterChip>
      <FilterChip
        label={words.class}
        chosen={filter.class && classWords(filter.class)}
        onClear={() => set({ class: null })}
      >
        {(close) => (
          <SelectField
            label={words.class}
            value={filter.class ?? ""}
            onChange={(e) => {
              set({ class: e.target.value || null });
              close();
            }}
          >
            <option value="">{words.any}</option>
            {[...new Set([...objectClasses(), ...(filter.class ? [filter.class] : [])])].map((name) => (
              <option key={name} value={name}>
                {classWords(name)}
              </option>
            ))}
          </SelectField>
        )}
      </FilterChip>
      <FilterChip
        label={words.zoneOrLine}
        chosen={filter.zone ?? filter.line}
        onClear={() => set({ zone: null, line: null })}
      >
        {(close) => (
          <Names
            zones={namesOf(cameras, "zones", filter.zone)}
            lines={namesOf(cameras, "lines", filter.line)}
            filter={filter}
            onChange={(change) => {
              set(change);
              close();
            }}
          />
        )}
      </FilterChip>
      <FilterChip label={words.plate} chosen={filter.plate} onClear={() => set({ plate: null })}>
        {(close) => (
          <Plate
            plate={filter.plate}
            onChange={(plate) => {
              set({ plate });
              close();
            }}
          />
        )}
      </FilterChip>
      <FilterChip label={words.by} chosen={filter.by && words.reporters[filter.by]} onClear={() => set({ by: null })}>
        {(close) => (
          <SelectField
            label={words.by}
            value={filter.by ?? ""}
            onChange={(e) => {
              set({ by: (e.target.value || null) as EventFilter["by"] });
              close();
            }}
          >
            <option value="">{words.anybody}</option>
            <option value="scene">{words.reporters.scene}</option>
            <option value="system">{words.reporters.system}</option>
          </SelectField>
        )}
      </FilterChip>
      <FilterChip label={words.time} wide chosen={timeWords(filter)} onClear={() => set({ from: null, to: null })}>
        {(close) => (
          <Times
            filter={filter}
            onChange={(change) => {
              set(change);
              close();
            }}
          />
        )}
      </FilterChip>
      {isFiltering(filter) && (
        <Button variant="ghost" size="sm" className="shrink-0 max-md:h-11" onClick={() => onChange(noFilter)}>
          {words.clear}
        </Button>
      )}
    </div>
  );
}

function several(names: readonly string[]): string | null {
  const [first, ...more] = names;
  return first === undefined ? null : more.length === 0 ? first : words.andMore(first, more.length);
}

function timeWords({ from, to }: EventFilter): string | null {
  if (from && to) return words.fromTo(dayAndClock(Date.parse(from)), dayAndClock(Date.parse(to)));
  if (from) return words.since(dayAndClock(Date.parse(from)));
  return to && words.until(dayAndClock(Date.parse(to)));
}

function namesOf(cameras: readonly Camera[], of: "zones" | "lines", chosen: string | null): string[] {
  const names = cameras.flatMap((c) => c.analytics[of].map(({ name }) => name));
  return [...new Set([...names, ...(chosen ? [chosen] : [])])].sort((a, b) => a.localeCompare(b));
}

function Choices({
  label,
  items,
  chosen,
  onChange,
}: {
  label: string;
  items: readonly (readonly [string, string])[];
  chosen: readonly string[];
  onChange: (chosen: string[]) => void;
}) {
  if (items.length === 0) return null;
  return (
    <fieldset className="mb-2 last:mb-0">
      <legend className="text-soft mb-1 text-[12px] font-medium">{label}</legend>
      {items.map(([id, name]) => (
        <Check
          key={id}
          label={name}
          className="min-h-7 py-0.5"
          checked={chosen.includes(id)}
          onChange={(e) => onChange(e.target.checked ? [...chosen, id] : chosen.filter((other) => other !== id))}
        />
      ))}
    </fieldset>
  );
}

function Names({
  zones,
  lines,
  filter,
  onChange,
}: {
  zones: readonly string[];
  lines: readonly string[];
  filter: EventFilter;
  onChange: (change: Partial<EventFilter>) => void;
}) {
  if (zones.length + lines.length === 0) return <p className="text-soft text-[13px]">{words.noZones}</p>;
  return (
    <SelectField
      label={words.zoneOrLine}
      value={filter.zone !== null ? `zone/${filter.zone}` : filter.line !== null ? `line/${filter.line}` : ""}
      onChange={(e) => {
        const [kind, ...name] = e.target.value.split("/");
        onChange({
          zone: kind === "zone" ? name.join("/") : null,
          line: kind === "line" ? name.join("/") : null,
        });
      }}
    >
      <option value="">{words.any}</option>
      {zones.length > 0 && (
        <optgroup label={words.zones}>
          {zones.map((name) => (
            <option key={name} value={`zone/${name}`}>
              {name}
            </option>
          ))}
        </optgroup>
      )}
      {lines.length > 0 && (
        <optgroup label={words.lines}>
          {lines.map((name) => (
            <option key={name} value={`line/${name}`}>
              {name}
            </option>
          ))}
        </optgroup>
      )}
    </SelectField>
  );
}

function Plate({ plate, onChange }: { plate: string | null; onChange: (plate: string | null) => void }) {
  return (
    <form
      className="space-y-3"
      onSubmit={(e) => {
        e.preventDefault();
        onChange(String(new FormData(e.currentTarget).get("plate") ?? "").trim() || null);
      }}
    >
      <TextField
        label={words.plate}
        name="plate"
        defaultValue={plate ?? ""}
        hint={words.plateHint}
        maxLength={32}
        autoCapitalize="characters"
        autoFocus
      />
      <Button type="submit" size="sm" variant="primary" className="max-md:h-11">
        {words.apply}
      </Button>
    </form>
  );
}

/** Told when both are typed to their end: half a date would ask the server for another age. */
function Times({ filter, onChange }: { filter: EventFilter; onChange: (change: Partial<EventFilter>) => void }) {
  const [reversed, setReversed] = useState(false);
  const local = (iso: string | null) => (iso ? toLocalInput(Date.parse(iso)).slice(0, 16) : "");
  return (
    <form
      className="space-y-3"
      onSubmit={(e) => {
        e.preventDefault();
        const typed = new FormData(e.currentTarget);
        const [from, to] = ["from", "to"].map((name) => {
          const text = String(typed.get(name) ?? "");
          return text ? new Date(text).toISOString() : null;
        }) as [string | null, string | null];
        if (from !== null && to !== null && from >= to) setReversed(true);
        else onChange({ from, to });
      }}
    >
      <div className="grid grid-cols-2 gap-2">
        {timeChoices.map((choice) => (
          <Button key={choice.name} size="sm" className="max-md:h-11" onClick={() => onChange(choice.span(new Date()))}>
            {words.times[choice.name]}
          </Button>
        ))}
      </div>
      <TextField label={words.from} type="datetime-local" name="from" defaultValue={local(filter.from)} />
      <TextField
        label={words.to}
        type="datetime-local"
        name="to"
        defaultValue={local(filter.to)}
        error={reversed ? words.endsBefore : undefined}
        onChange={() => setReversed(false)}
      />
      <Button type="submit" size="sm" variant="primary" className="max-md:h-11">
        {words.apply}
      </Button>
    </form>
  );
}
