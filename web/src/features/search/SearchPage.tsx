import { Needs } from "@/components/Needs";
import { cn } from "@/components/cn";
import { FindMotion } from "./FindMotion";
import { FindObjects } from "./FindObjects";
import { SearchFrame } from "./SearchFrame";
import { useSearch } from "./useSearch";
import { words } from "./words";

/** Finds what analytics saw, or what changed in a part of the picture. `?kind=motion` is the latter; everything else stands in the address, too. */
export function SearchPage() {
  const search = useSearch();
  return search.get("kind") === "motion" ? (
    <SearchFrame>
      <KindChoice kind="motion" onChange={() => search.set({ kind: null })} />
      <Needs all={["recordings.read"]} what={words.theRecordings}>
        <FindMotion search={search} />
      </Needs>
    </SearchFrame>
  ) : (
    <FindObjects search={search} kind={<KindChoice kind="objects" onChange={() => search.set({ kind: "motion" })} />} />
  );
}

function KindChoice({ kind, onChange }: { kind: "objects" | "motion"; onChange: () => void }) {
  return (
    <div role="radiogroup" aria-label={words.kind} className="bg-ground inline-flex gap-0.5 rounded-md border p-0.5">
      {(["objects", "motion"] as const).map((choice) => (
        <label
          key={choice}
          className={cn(
            "text-soft hover:text-text flex h-8 items-center rounded px-3 text-[13px] has-focus-visible:outline-2 has-focus-visible:outline-offset-2 max-md:h-11",
            kind === choice && "bg-raised text-text",
          )}
        >
          <input
            type="radio"
            name="kind"
            className="sr-only"
            checked={kind === choice}
            onChange={() => kind !== choice && onChange()}
          />
          {words.kinds[choice]}
        </label>
      ))}
    </div>
  );
}
