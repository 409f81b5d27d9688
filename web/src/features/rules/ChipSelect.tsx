import { Plus, X, type LucideIcon } from "lucide-react";
import { useId, useState, type ReactNode } from "react";
import { Button } from "@/components/ui/Button";
import { words } from "./words";

export interface ChipGroup {
  /** Absent: they stand by themselves. */
  label?: string;
  items: readonly { value: string; label: string }[];
}

/** Several of many: what is chosen stands as chips, what can be added in the browser's own select, or is typed. */
export function ChipSelect({
  label,
  hint,
  error,
  values,
  wordsOf,
  iconOf,
  groups,
  addWords,
  typed,
  onChange,
}: {
  label: string;
  hint?: ReactNode;
  error?: string | undefined;
  values: readonly string[];
  /** What a chosen one is called. */
  wordsOf: (value: string) => string;
  iconOf?: (value: string) => LucideIcon;
  groups: readonly ChipGroup[];
  /** First line of the select. */
  addWords: string;
  /** Others than those can be typed: what stands in the empty field. */
  typed?: { label: string; placeholder: string; pattern?: RegExp };
  onChange: (values: string[]) => void;
}) {
  const id = useId();
  const [text, setText] = useState("");
  const left = groups
    .map((group) => ({ ...group, items: group.items.filter(({ value }) => !values.includes(value)) }))
    .filter(({ items }) => items.length > 0);
  const add = (value: string) => {
    if (value && !values.includes(value)) onChange([...values, value]);
  };
  const addTyped = () => {
    const value = text.trim();
    if (!value || (typed?.pattern && !typed.pattern.test(value))) return;
    add(value);
    setText("");
  };
  return (
    <div role="group" aria-labelledby={id} className="space-y-1.5">
      <p id={id} className="text-soft text-[13px] font-medium">
        {label}
      </p>
      {values.length > 0 && (
        <ul className="flex flex-wrap gap-1.5">
          {values.map((value) => (
            <li
              key={value}
              className="bg-raised flex min-h-8 max-w-full items-center rounded-md border pl-2.5 text-[13px] max-md:min-h-11"
            >
              {iconOf && <Icon of={iconOf(value)} />}
              <span className="min-w-0 break-words">{wordsOf(value)}</span>
              <button
                type="button"
                aria-label={words.remove(wordsOf(value))}
                onClick={() => onChange(values.filter((v) => v !== value))}
                className="text-soft hover:text-text grid size-8 shrink-0 place-items-center rounded-md max-md:size-11"
              >
                <X className="size-3.5" aria-hidden />
              </button>
            </li>
          ))}
        </ul>
      )}
      <div className="flex flex-wrap gap-2">
        {left.length > 0 && (
          <select
            aria-label={`${label}: ${addWords}`}
            aria-invalid={error ? true : undefined}
            aria-describedby={`${id}-note`}
            value=""
            onChange={(e) => add(e.target.value)}
            className="bg-ground hover:border-faint aria-invalid:border-alarm h-10 min-w-0 flex-1 basis-52 rounded-md border px-3 max-md:h-11"
          >
            <option value="">{addWords}</option>
            {left.map((group, i) =>
              group.label === undefined ? (
                <Options key={i} items={group.items} />
              ) : (
                <optgroup key={group.label} label={group.label}>
                  <Options items={group.items} />
                </optgroup>
              ),
            )}
          </select>
        )}
        {typed && (
          <span className="flex min-w-0 flex-1 basis-52 gap-1">
            <input
              aria-label={typed.label}
              aria-describedby={`${id}-note`}
              placeholder={typed.placeholder}
              value={text}
              autoComplete="off"
              maxLength={254}
              onChange={(e) => setText(e.target.value)}
              onBlur={addTyped}
              onKeyDown={(e) => {
                if (e.key !== "Enter") return;
                e.preventDefault();
                addTyped();
              }}
              className="bg-ground placeholder:text-faint hover:border-faint h-10 min-w-0 flex-1 rounded-md border px-3 max-md:h-11"
            />
            <Button size="icon" className="size-10 max-md:size-11" aria-label={words.addTyped} onClick={addTyped}>
              <Plus />
            </Button>
          </span>
        )}
      </div>
      {error ? (
        <p id={`${id}-note`} role="alert" className="text-alarm text-[13px]">
          {error}
        </p>
      ) : (
        <p id={`${id}-note`} className="text-faint text-[13px] empty:hidden">
          {hint}
        </p>
      )}
    </div>
  );
}

function Icon({ of: Of }: { of: LucideIcon }) {
  return <Of className="text-soft mr-1.5 size-3.5 shrink-0" aria-hidden />;
}

function Options({ items }: { items: ChipGroup["items"] }) {
  return items.map(({ value, label }) => (
    <option key={value} value={value}>
      {label}
    </option>
  ));
}
