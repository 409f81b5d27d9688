import { ScrollText } from "lucide-react";
import { useSearchParams } from "react-router";
import { useAudit, type AuditFilter, type ListAuditAuditView } from "@/api/audit";
import { useTree } from "@/api/tree";
import { useMay } from "@/api/useMe";
import { cn } from "@/components/cn";
import { ListSkeleton } from "@/components/ListSkeleton";
import { More } from "@/components/More";
import { SectionHeader } from "@/components/SectionHeader";
import { EmptyState, QueryError } from "@/components/States";
import { When } from "@/components/When";
import { placesOf, type Places } from "@/rights/grantWords";
import { AuditEntry } from "./AuditEntry";
import { AuditSearch } from "./AuditSearch";
import { actionWords, subjectWords } from "./auditWords";
import { ExportMenu } from "./ExportMenu";
import { words } from "./words";

const filterKeys = ["actor", "action", "subject", "from", "to"] as const satisfies readonly (keyof AuditFilter)[];

/** Who did what. What is looked for stands in the address, and so does the entry that is open: `?entry=ID`. */
export function AuditPage() {
  const [search, setSearch] = useSearchParams();
  const filter = Object.fromEntries(
    filterKeys.flatMap((key) => (search.get(key) ? [[key, search.get(key)!]] : [])),
  ) as AuditFilter;
  const audit = useAudit(filter);
  const tree = useTree(useMay()("cameras.read"));
  const places = placesOf(tree.data);
  const all = audit.data?.pages.flatMap((p) => p.items) ?? [];
  const opened = all.find((e) => e.id === search.get("entry"));
  const searching = Object.keys(filter).length > 0;
  const change = (values: Record<string, string | null>) =>
    setSearch(
      (current) => {
        for (const [key, value] of Object.entries(values)) {
          if (value) current.set(key, value);
          else current.delete(key);
        }
        return current;
      },
      { replace: true },
    );

  return (
    <section aria-label={words.audit}>
      <SectionHeader title={words.audit} lead={words.lead}>
        <ExportMenu filter={filter} />
      </SectionHeader>
      <AuditSearch
        filter={filter}
        subjectName={filter.subject && nameOf(filter.subject, all, places)}
        onChange={change}
      />
      {audit.isPending ? (
        <ListSkeleton lines={8} className="h-12" />
      ) : audit.isError && all.length === 0 ? (
        <QueryError what={words.theAudit} error={audit.error} onRetry={() => void audit.refetch()} />
      ) : all.length === 0 ? (
        <div className="bg-panel rounded-lg border">
          <EmptyState
            icon={<ScrollText />}
            title={searching ? words.nothing : words.nothingYet}
            detail={searching ? words.nothingDetail : words.nothingYetDetail}
          />
        </div>
      ) : (
        <>
          <ol aria-label={words.listLabel} className="bg-panel divide-y overflow-hidden rounded-lg border">
            {all.map((entry) => (
              <Line key={entry.id} entry={entry} places={places} onOpen={() => change({ entry: entry.id })} />
            ))}
          </ol>
          {audit.hasNextPage && (
            <More
              busy={audit.isFetchingNextPage}
              error={audit.isFetchNextPageError ? audit.error : null}
              onMore={() => void audit.fetchNextPage()}
            />
          )}
        </>
      )}
      {opened && (
        <AuditEntry
          entry={opened}
          places={places}
          onFilter={(values) => change({ ...values, entry: null })}
          onClose={() => change({ entry: null })}
        />
      )}
    </section>
  );
}

/** What a subject is called, as far as one of the entries says it. */
function nameOf(subject: string, entries: ListAuditAuditView[], places: Places): string {
  const entry = entries.find((e) => e.subject === subject);
  return (entry && subjectWords(entry, places)) ?? subject;
}

function Line({ entry, places, onOpen }: { entry: ListAuditAuditView; places: Places; onOpen: () => void }) {
  const subject = subjectWords(entry, places);
  return (
    <li>
      <button
        type="button"
        onClick={onOpen}
        className="hover:bg-raised/60 grid w-full grid-cols-[minmax(0,1fr)_auto] gap-x-6 gap-y-0.5 px-4 py-2.5 text-left -outline-offset-2 md:grid-cols-[minmax(0,1fr)_8rem_9rem]"
      >
        <span className="min-w-0 break-words max-md:col-span-2">
          <span className="font-medium">{entry.actor || words.system}</span>{" "}
          <span className={cn(entry.result === "refused" ? "text-alarm" : "text-soft")}>
            {actionWords(entry.action)}
          </span>
          {subject && <> {subject}</>}
          {entry.result === "refused" && (
            <span className="bg-alarm/10 text-alarm ml-2 rounded px-1.5 text-[12px]">{words.refused}</span>
          )}
        </span>
        <span className="text-soft tabular truncate text-[13px]">{entry.address ?? words.noAddress}</span>
        <span className="text-soft text-right text-[13px]">
          <When at={entry.at} />
        </span>
      </button>
    </li>
  );
}
