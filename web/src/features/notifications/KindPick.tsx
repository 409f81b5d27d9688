import { Check } from "@/components/ui/Check";
import { eventWords } from "@/events/eventWords";
import { hasKind, kindNames, otherTypes, withKind } from "./kinds";
import { words } from "./words";

/** Kinds of events to tick; what another program has set stands below them. */
export function KindPick({ types, onChange }: { types: readonly string[]; onChange: (types: string[]) => void }) {
  return (
    <div className="mt-1 grid gap-x-6 sm:grid-cols-2">
      {kindNames.map((kind) => (
        <Check
          key={kind}
          label={words.kinds[kind]}
          checked={hasKind(types, kind)}
          onChange={(e) => onChange(withKind(types, kind, e.target.checked))}
        />
      ))}
      {otherTypes(types).map((type) => (
        <Check
          key={type}
          label={eventWords(type)}
          title={type}
          checked
          onChange={() => onChange(types.filter((t) => t !== type))}
        />
      ))}
    </div>
  );
}
