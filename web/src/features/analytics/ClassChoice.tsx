import { cn } from "@/components/cn";
import { classWords } from "@/tracks/classWords";
import { words } from "./words";

/** What most look for: all of a kind first, then some of it. */
const offered = [
  "person",
  "vehicle",
  "animal",
  "car",
  "truck",
  "bus",
  "motorcycle",
  "bicycle",
  "dog",
  "cat",
  "backpack",
  "suitcase",
];

/** Classes to look for, to switch on and off; what a model of one's own calls otherwise stays as it is. */
export function ClassChoice({
  label,
  none,
  classes,
  disabled,
  onChange,
}: {
  label: string;
  /** What it means that none is chosen. */
  none: string;
  classes: readonly string[];
  disabled: boolean;
  onChange: (classes: string[]) => void;
}) {
  const all = [...offered, ...classes.filter((c) => !offered.includes(c))];
  return (
    <fieldset disabled={disabled}>
      <legend className="text-soft mb-1.5 text-[13px] font-medium">{label}</legend>
      <div className="flex flex-wrap gap-1.5">
        {all.map((name) => {
          const chosen = classes.includes(name);
          return (
            <button
              key={name}
              type="button"
              aria-pressed={chosen}
              onClick={() => onChange(chosen ? classes.filter((c) => c !== name) : [...classes, name])}
              className={cn(
                "h-8 rounded-md border px-2.5 text-[13px] disabled:opacity-60 max-md:h-11 max-md:px-3.5",
                chosen ? "border-accent bg-accent/15 text-text" : "text-soft hover:text-text",
              )}
            >
              {classWords(name)}
            </button>
          );
        })}
      </div>
      <p className="text-faint mt-1.5 text-[13px]">
        {classes.length === 0 ? none : words.chosen(classes.map(classWords).join(", "))}
      </p>
    </fieldset>
  );
}
