import { SlidersHorizontal } from "lucide-react";
import { Popover } from "radix-ui";
import { cn } from "@/components/cn";
import { Button } from "@/components/ui/Button";
import { SelectField } from "@/components/ui/Field";
import { number } from "@/i18n/formats";
import { attributeCount, headings, type SearchWish } from "./wish";
import { words } from "./words";

const seconds = [2, 5, 10, 30, 60, 300, 1800];
const parts = [0.05, 0.1, 0.2, 0.3, 0.5];
const scores = [0.5, 0.6, 0.7, 0.8, 0.9];

/** What few look for: how it moved, how long, how large and how sure. */
export function Attributes({ wish, onChange }: { wish: SearchWish; onChange: (changed: Partial<SearchWish>) => void }) {
  const chosen = attributeCount(wish);
  const numberOf = (text: string) => (text === "" ? null : Number(text));
  const percent = (part: number) => `${number(part * 100)} %`;
  return (
    <Popover.Root>
      <Popover.Trigger asChild>
        <Button className={cn("max-md:h-11", chosen > 0 && "border-accent text-accent")}>
          <SlidersHorizontal /> {chosen > 0 ? words.attributesChosen(chosen) : words.attributes}
        </Button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          role="dialog"
          aria-label={words.attributes}
          align="end"
          sideOffset={6}
          collisionPadding={8}
          className="bg-panel z-50 grid max-h-[var(--radix-popover-content-available-height)] w-80 grid-cols-2 gap-3 overflow-y-auto rounded-lg border p-3 shadow-2xl"
        >
          <SelectField
            label={words.moves}
            value={wish.motion ?? ""}
            onChange={(e) => onChange({ motion: (e.target.value || null) as SearchWish["motion"] })}
          >
            <option value="">{words.any}</option>
            <option value="moving">{words.moving}</option>
            <option value="standing">{words.standing}</option>
          </SelectField>
          <SelectField
            label={words.heading}
            value={wish.heading ?? ""}
            onChange={(e) => onChange({ heading: (e.target.value || null) as SearchWish["heading"] })}
          >
            <option value="">{words.any}</option>
            {headings.map((heading) => (
              <option key={heading} value={heading}>
                {words.headings[heading]}
              </option>
            ))}
          </SelectField>
          <Bound
            label={words.thereAtLeast}
            value={wish.minSeconds}
            choices={seconds}
            text={words.seconds}
            onChange={(text) => onChange({ minSeconds: numberOf(text) })}
          />
          <Bound
            label={words.thereAtMost}
            value={wish.maxSeconds}
            choices={seconds}
            text={words.seconds}
            onChange={(text) => onChange({ maxSeconds: numberOf(text) })}
          />
          <Bound
            label={words.tallerThan}
            value={wish.minSize}
            choices={parts}
            text={percent}
            onChange={(text) => onChange({ minSize: numberOf(text) })}
          />
          <Bound
            label={words.smallerThan}
            value={wish.maxSize}
            choices={parts}
            text={percent}
            onChange={(text) => onChange({ maxSize: numberOf(text) })}
          />
          <Bound
            label={words.sureness}
            value={wish.minConfidence}
            choices={scores}
            text={percent}
            onChange={(text) => onChange({ minConfidence: numberOf(text) })}
          />
          <SelectField
            label={words.review}
            value={wish.state ?? ""}
            onChange={(e) => onChange({ state: (e.target.value || null) as SearchWish["state"] })}
          >
            <option value="">{words.any}</option>
            <option value="new">{words.states.new}</option>
            <option value="confirmed">{words.states.confirmed}</option>
            <option value="false">{words.states.false}</option>
          </SelectField>
          <p className="text-faint col-span-2 text-[13px] text-pretty">{words.attributesHint}</p>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

/** One of some round numbers; what a link brings is among them. */
function Bound({
  label,
  value,
  choices,
  text,
  onChange,
}: {
  label: string;
  value: number | null;
  choices: readonly number[];
  text: (value: number) => string;
  onChange: (text: string) => void;
}) {
  const all = value === null || choices.includes(value) ? choices : [...choices, value].sort((a, b) => a - b);
  return (
    <SelectField label={label} value={value ?? ""} onChange={(e) => onChange(e.target.value)}>
      <option value="">{words.any}</option>
      {all.map((choice) => (
        <option key={choice} value={choice}>
          {text(choice)}
        </option>
      ))}
    </SelectField>
  );
}
