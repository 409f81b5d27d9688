import { eventIcon } from "@/events/eventIcons";
import { eventKindOf, eventKinds, eventTypes, eventWords } from "@/events/eventWords";
import { words as eventNames } from "@/events/words";
import { ChipSelect } from "./ChipSelect";
import { words } from "./words";

/** Whole kinds of events that are often wanted together. */
const families = ["object.*", "recording.*", "storage.*", "system.*"];

const typePattern = /^([A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*(\.\*)?|\*)$/;

/** Which events: the product's own by their names, others as their program calls them. */
export function EventTypesField({
  types,
  onChange,
  error,
}: {
  types: string[];
  onChange: (types: string[]) => void;
  error: string | undefined;
}) {
  return (
    <ChipSelect
      label={words.events}
      hint={words.eventsHint}
      error={error}
      values={types}
      wordsOf={typeWords}
      iconOf={(type) => eventIcon(type.replace(/\.?\*$/, ""))}
      groups={[
        ...eventKinds.map((kind) => ({
          label: eventNames.kinds[kind],
          items: eventTypes()
            .filter((type) => eventKindOf(type) === kind)
            .map((value) => ({ value, label: eventWords(value) })),
        })),
        { label: words.wholeKinds, items: families.map((value) => ({ value, label: typeWords(value) })) },
      ]}
      addWords={words.addEvent}
      typed={{ label: words.otherEvent, placeholder: words.otherEventPlaceholder, pattern: typePattern }}
      onChange={onChange}
    />
  );
}

function typeWords(type: string): string {
  if (type === "*") return words.anyEvent;
  return type.endsWith(".*") ? words.typeFamily(eventWords(type.slice(0, -2))) : eventWords(type);
}
