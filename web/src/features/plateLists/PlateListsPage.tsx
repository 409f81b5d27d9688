import { CarFront, Plus } from "lucide-react";
import { useSearchParams } from "react-router";
import { useDeletePlateList, usePlateLists, useRulesOfPlateLists, type PlateListSummary } from "@/api/plateLists";
import { useMay } from "@/api/useMe";
import { ConfirmDialog } from "@/components/ConfirmDialog";
import { ListSkeleton } from "@/components/ListSkeleton";
import { SectionHeader } from "@/components/SectionHeader";
import { EmptyState, QueryError } from "@/components/States";
import { Button } from "@/components/ui/Button";
import { When } from "@/components/When";
import { number } from "@/i18n/formats";
import { PlateListEditor } from "./PlateListEditor";
import { words } from "./words";

/** Lists of plates that rules ask for. `?list=ID` or `?list=new` opens one, `?delete=ID` asks whether to. */
export function PlateListsPage() {
  const [search, setSearch] = useSearchParams();
  const lists = usePlateLists();
  const rules = useRulesOfPlateLists(useMay()("rules.write"));
  const all = lists.data ?? [];
  const close = () => setSearch({}, { replace: true });
  const opened = search.get("list");
  const deleted = all.find((l) => l.id === search.get("delete"));
  const rulesOf = (list: PlateListSummary) => rules.data?.get(list.name.toLowerCase()) ?? [];
  const addButton = (
    <Button variant="primary" className="max-md:h-11" onClick={() => setSearch({ list: "new" })}>
      <Plus /> {words.add}
    </Button>
  );
  if (opened !== null)
    return (
      <PlateListEditor
        key={opened}
        id={opened === "new" ? null : opened}
        onMade={(id) => setSearch({ list: id }, { replace: true })}
        onClose={close}
      />
    );

  return (
    <section aria-label={words.plateLists}>
      <SectionHeader title={words.plateLists} lead={words.lead}>
        {all.length > 0 && addButton}
      </SectionHeader>
      {lists.isPending ? (
        <ListSkeleton lines={3} />
      ) : lists.isError && all.length === 0 ? (
        <QueryError what={words.theLists} error={lists.error} onRetry={() => void lists.refetch()} />
      ) : all.length === 0 ? (
        <div className="bg-panel rounded-lg border">
          <EmptyState icon={<CarFront />} title={words.noneYet} detail={words.noneYetDetail}>
            {addButton}
          </EmptyState>
        </div>
      ) : (
        <ul className="bg-panel divide-y rounded-lg border">
          {all.map((list) => (
            <li key={list.id} className="flex items-center gap-2 pr-3">
              <button
                type="button"
                onClick={() => setSearch({ list: list.id })}
                className="hover:bg-raised/60 grid min-w-0 flex-1 gap-x-6 gap-y-0.5 px-4 py-3 text-left -outline-offset-2 md:grid-cols-[minmax(0,1fr)_minmax(0,1fr)_9rem]"
              >
                <span className="min-w-0">
                  <span className="block truncate font-medium">{list.name}</span>
                  {list.note && <span className="text-soft block truncate text-[13px]">{list.note}</span>}
                </span>
                <span className="text-soft min-w-0 text-[13px]">
                  {rules.data && words.usedBy(rulesOf(list).map((r) => r.name))}
                </span>
                <span className="text-soft text-[13px] md:text-right">
                  <span className="tabular text-text block">{words.plates(list.plates, number(list.plates))}</span>
                  <When at={list.updatedAt} />
                </span>
              </button>
              <Button
                size="sm"
                variant="ghost"
                className="max-md:h-11"
                aria-label={words.deleteNamed(list.name)}
                onClick={() => setSearch({ delete: list.id })}
              >
                {words.delete}
              </Button>
            </li>
          ))}
        </ul>
      )}
      {deleted && <Delete list={deleted} rules={rulesOf(deleted).map((r) => r.name)} onClose={close} />}
    </section>
  );
}

function Delete({ list, rules, onClose }: { list: PlateListSummary; rules: string[]; onClose: () => void }) {
  const remove = useDeletePlateList();
  return (
    <ConfirmDialog
      title={words.deleteWhat(list.name)}
      description={words.deleteDetail(words.plates(list.plates, number(list.plates)), rules)}
      action={words.delete}
      error={remove.error}
      busy={remove.isPending}
      onConfirm={() => remove.mutate(list, { onSuccess: onClose })}
      onClose={onClose}
    />
  );
}
