import { Plus, X } from "lucide-react";
import { useState, type ReactNode } from "react";
import { useCameras } from "@/api/cameras";
import { useTree, groupsOf } from "@/api/tree";
import { useMay } from "@/api/useMe";
import { Button } from "@/components/ui/Button";
import { SelectField } from "@/components/ui/Field";
import { classWords, objectClasses } from "@/events/eventWords";
import { ChipSelect } from "./ChipSelect";
import { emptyCondition, here, night, type ConditionDraft, type RuleDraft } from "./draft";
import { EventTypesField } from "./EventTypesField";
import { ExpressionField } from "./ExpressionField";
import { PlatesField } from "./PlatesField";
import type { FieldError } from "./RuleForm";
import { ScheduleFields } from "./ScheduleFields";
import { words } from "./words";

const optional = ["schedule", "classes", "zones", "lines", "plates", "minConfidence", "expression"] as const;
type Optional = (typeof optional)[number];

const isSet = (when: ConditionDraft, name: Optional) => {
  const value = when[name];
  return Array.isArray(value) ? value.length > 0 : value !== null && value !== "";
};

/** What has to be true: which events, where, and whatever else somebody adds. */
export function ConditionFields({
  draft,
  onChange,
  error,
}: {
  draft: RuleDraft;
  onChange: (part: Partial<RuleDraft>) => void;
  error: FieldError;
}) {
  const { when } = draft;
  const [open, setOpen] = useState<readonly Optional[]>(() => optional.filter((name) => isSet(when, name)));
  const set = (part: Partial<ConditionDraft>) => onChange({ when: { ...when, ...part } });
  const close = (name: Optional) => {
    setOpen(open.filter((n) => n !== name));
    set({ [name]: emptyCondition[name] });
  };
  const add = (name: Optional) => {
    setOpen([...open, name]);
    if (name === "schedule") set({ schedule: { timeZone: here, spans: [night] } });
    if (name === "minConfidence") set({ minConfidence: 0.8 });
  };
  const fields: Record<Optional, ReactNode> = {
    schedule: when.schedule && (
      <ScheduleFields schedule={when.schedule} onChange={(schedule) => set({ schedule })} error={error} />
    ),
    classes: (
      <ChipSelect
        label={words.conditions.classes}
        hint={words.classesHint}
        error={error("when.classes")}
        values={when.classes}
        wordsOf={classWords}
        groups={[{ items: objectClasses().map((value) => ({ value, label: classWords(value) })) }]}
        addWords={words.addOne}
        typed={{ label: words.otherClass, placeholder: words.otherClass }}
        onChange={(classes) => set({ classes })}
      />
    ),
    zones: <PlaceNames kind="zones" when={when} onChange={set} error={error("when.zones")} />,
    lines: <PlaceNames kind="lines" when={when} onChange={set} error={error("when.lines")} />,
    plates: <PlatesField plates={when.plates} onChange={(plates) => set({ plates })} error={error("when.plates")} />,
    minConfidence: (
      <SelectField
        label={words.conditions.minConfidence}
        hint={words.minConfidenceHint}
        value={when.minConfidence ?? 0.8}
        onChange={(e) => set({ minConfidence: Number(e.target.value) })}
        error={error("when.minConfidence")}
      >
        {[...new Set([0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, when.minConfidence ?? 0.8])].sort().map((part) => (
          <option key={part} value={part}>
            {words.atLeast(Math.round(part * 100))}
          </option>
        ))}
      </SelectField>
    ),
    expression: (
      <ExpressionField
        expression={when.expression}
        onChange={(expression) => set({ expression })}
        error={error("when.expression")}
      />
    ),
  };
  return (
    <div className="space-y-4">
      <EventTypesField types={when.types} onChange={(types) => set({ types })} error={error("when.types")} />
      <WhereFields draft={draft} onChange={onChange} error={error} />
      {optional
        .filter((name) => open.includes(name))
        .map((name) => (
          <div key={name} className="relative border-t pt-4">
            {fields[name]}
            <Button
              size="icon"
              variant="ghost"
              className="absolute top-2 right-0 max-md:size-11"
              aria-label={words.removeCondition(words.conditions[name])}
              title={words.removeCondition(words.conditions[name])}
              onClick={() => close(name)}
            >
              <X />
            </Button>
          </div>
        ))}
      {open.length < optional.length && (
        <div role="group" aria-label={words.addCondition} className="flex flex-wrap items-center gap-1.5 border-t pt-4">
          <span className="text-soft mr-1 text-[13px]">{words.addCondition}</span>
          {optional
            .filter((name) => !open.includes(name))
            .map((name) => (
              <Button key={name} size="sm" className="max-md:h-11" onClick={() => add(name)}>
                <Plus /> {words.conditions[name]}
              </Button>
            ))}
        </div>
      )}
    </div>
  );
}

/** Cameras and groups of them, of one site or of all. */
function WhereFields({
  draft: { when, siteId },
  onChange,
  error,
}: {
  draft: RuleDraft;
  onChange: (part: Partial<RuleDraft>) => void;
  error: FieldError;
}) {
  const tree = useTree(useMay()("cameras.read")).data;
  const groups = [...groupsOf(tree?.groups ?? [])].map(({ group }) => group);
  const cameras = tree?.sites.flatMap((s) => s.cameras) ?? [];
  const isGroup = (id: string) => when.groupIds.includes(id) || groups.some((g) => g.id === id);
  const items = (all: readonly { id: string; name: string }[]) =>
    all.map(({ id, name }) => ({ value: id, label: name }));
  const sites = tree?.sites ?? [];
  return (
    <>
      <ChipSelect
        label={words.where}
        hint={when.cameraIds.length + when.groupIds.length === 0 ? words.everywhereHint : undefined}
        error={error("when.cameraIds") ?? error("when.groupIds")}
        values={[...when.groupIds, ...when.cameraIds]}
        wordsOf={(id) => [...groups, ...cameras].find((place) => place.id === id)?.name ?? id}
        groups={[
          { label: words.groups, items: items(groups) },
          { label: words.cameras, items: items(cameras) },
        ]}
        addWords={words.addPlace}
        onChange={(ids) =>
          onChange({
            when: { ...when, groupIds: ids.filter(isGroup), cameraIds: ids.filter((id) => !isGroup(id)) },
          })
        }
      />
      {(sites.length > 1 || siteId !== null) && (
        <SelectField
          label={words.site}
          value={siteId ?? ""}
          onChange={(e) => onChange({ siteId: e.target.value || null })}
          error={error("siteId")}
        >
          <option value="">{words.allSites}</option>
          {siteId !== null && !sites.some((s) => s.id === siteId) && <option value={siteId}>{siteId}</option>}
          {sites.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </SelectField>
      )}
    </>
  );
}

/** Zones and lines go by their names, which several cameras may share. */
function PlaceNames({
  kind,
  when,
  onChange,
  error,
}: {
  kind: "zones" | "lines";
  when: ConditionDraft;
  onChange: (part: Partial<ConditionDraft>) => void;
  error: string | undefined;
}) {
  const cameras = useCameras().data ?? [];
  const known = [...new Set(cameras.flatMap((camera) => camera.analytics[kind].map(({ name }) => name)))].sort();
  return (
    <ChipSelect
      label={words.conditions[kind]}
      hint={words.placeNamesHint}
      error={error}
      values={when[kind]}
      wordsOf={(name) => name}
      groups={[{ items: known.map((name) => ({ value: name, label: name })) }]}
      addWords={words.addOne}
      typed={{ label: words.otherName, placeholder: words.otherName }}
      onChange={(names) => onChange({ [kind]: names })}
    />
  );
}
