import type { ReactNode } from "react";
import type { ListAuditAuditView } from "@/api/audit";
import { Button } from "@/components/ui/Button";
import { Drawer } from "@/components/ui/Drawer";
import { dayAndClock, zoneName } from "@/components/time";
import type { Places } from "@/rights/grantWords";
import { actionWords, detailLines, subjectWords } from "./auditWords";
import { words } from "./words";

/** All that one entry says. */
export function AuditEntry({
  entry,
  places,
  onFilter,
  onClose,
}: {
  entry: ListAuditAuditView;
  places: Places;
  onFilter: (values: Record<string, string | null>) => void;
  onClose: () => void;
}) {
  const at = Date.parse(entry.at);
  const subject = subjectWords(entry, places);
  const actor = entry.actor || words.system;
  const lines = detailLines(entry.detail);
  return (
    <Drawer title={`${actor} ${actionWords(entry.action)}${subject ? ` ${subject}` : ""}`} onClose={onClose}>
      <dl className="space-y-3">
        <Fact name={words.time}>
          <time dateTime={entry.at} title={entry.at} className="tabular">
            {dayAndClock(at)} {zoneName(at)}
          </time>
        </Fact>
        <Fact name={words.result}>
          <span className={entry.result === "refused" ? "text-alarm" : "text-good"}>
            {entry.result === "refused" ? words.refused : words.done}
          </span>
        </Fact>
        <Fact name={words.address}>
          <span className="tabular">{entry.address ?? words.noAddress}</span>
        </Fact>
        <Fact name={words.what}>
          <code className="text-[13px]">{entry.action}</code>
        </Fact>
        {entry.subject && (
          <Fact name={words.subjectId}>
            <code className="text-[13px] break-all">{entry.subject}</code>
          </Fact>
        )}
        <Fact name={words.id}>
          <span className="tabular">{entry.id}</span>
        </Fact>
      </dl>
      {lines.length > 0 && (
        <>
          <h3 className="text-soft mt-6 mb-2 text-[13px] font-medium">{words.more}</h3>
          <dl className="bg-ground divide-y rounded-md border text-[13px]">
            {lines.map(([name, value]) => (
              <div key={name} className="grid grid-cols-[minmax(0,2fr)_minmax(0,3fr)] gap-3 px-3 py-1.5">
                <dt className="text-soft break-words">{name}</dt>
                <dd className="break-words">{value}</dd>
              </div>
            ))}
          </dl>
        </>
      )}
      <div className="mt-6 flex flex-wrap gap-2">
        {entry.actor && (
          <Button size="sm" className="max-md:h-11" onClick={() => onFilter({ actor: entry.actor })}>
            {words.showAllBy(entry.actor)}
          </Button>
        )}
        {entry.subject && (
          <Button size="sm" className="max-md:h-11" onClick={() => onFilter({ subject: entry.subject })}>
            {words.showAllAbout}
          </Button>
        )}
      </div>
    </Drawer>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt className="text-soft text-[13px]">{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
