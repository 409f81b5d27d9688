import { ListChecks, Pencil, Plus, Trash2 } from "lucide-react";
import { Link, useNavigate, useSearchParams } from "react-router";
import { toast } from "sonner";
import { useDeleteRule, useRules, useSwitchRule, type RuleView } from "@/api/rules";
import { cn } from "@/components/cn";
import { ConfirmDialog } from "@/components/ConfirmDialog";
import { ListSkeleton } from "@/components/ListSkeleton";
import { SectionHeader } from "@/components/SectionHeader";
import { EmptyState, QueryError } from "@/components/States";
import { Button } from "@/components/ui/Button";
import { TextField } from "@/components/ui/Field";
import { RowMenu } from "@/components/ui/RowMenu";
import { Switch } from "@/components/ui/Switch";
import { When } from "@/components/When";
import { words as pageWords } from "@/components/words";
import { ruleWords } from "@/events/ruleWords";
import { draftOf } from "./draft";
import { ruleSentence, type RuleNames } from "./ruleSentence";
import { useRuleNames } from "./useRuleNames";
import { words } from "./words";

/** With fewer nobody has to search. */
const searchFrom = 8;

/** What is to be done when something happens. `?q=` is what is searched for, `?delete=ID` asks. */
export function RulesPage() {
  const [search, setSearch] = useSearchParams();
  const rules = useRules();
  const names = useRuleNames();
  const all = rules.data ?? [];
  const wanted = (search.get("q") ?? "").toLocaleLowerCase();
  const lines = all
    .map((rule) => ({ rule, sentence: ruleSentence(draftOf(rule), names) }))
    .filter(({ rule, sentence }) => `${ruleWords(rule)} ${sentence}`.toLocaleLowerCase().includes(wanted));
  const deleted = all.find((r) => r.id === search.get("delete"));
  const set = (key: string, value: string | null) =>
    setSearch(
      (current) => {
        if (value) current.set(key, value);
        else current.delete(key);
        return current;
      },
      { replace: true },
    );
  const addButton = (
    <Button asChild variant="primary" className="max-md:h-11">
      <Link to="/settings/rules/new">
        <Plus /> {words.add}
      </Link>
    </Button>
  );
  return (
    <section aria-label={words.rules}>
      <SectionHeader title={words.rules} lead={words.lead}>
        {all.length > 0 && addButton}
      </SectionHeader>
      {rules.isPending ? (
        <ListSkeleton lines={5} className="h-20" />
      ) : rules.isError && all.length === 0 ? (
        <QueryError what={words.theRules} error={rules.error} onRetry={() => void rules.refetch()} />
      ) : all.length === 0 ? (
        <div className="bg-panel rounded-lg border">
          <EmptyState icon={<ListChecks />} title={words.noneYet} detail={words.noneYetDetail}>
            {addButton}
          </EmptyState>
        </div>
      ) : (
        <>
          {all.length >= searchFrom && (
            <TextField
              label={pageWords.filter}
              type="search"
              className="mb-4 sm:max-w-80"
              value={search.get("q") ?? ""}
              onChange={(e) => set("q", e.target.value)}
            />
          )}
          {lines.length === 0 ? (
            <p className="text-soft">{words.noneFound}</p>
          ) : (
            <ul aria-label={words.rules} className="bg-panel divide-y rounded-lg border">
              {lines.map(({ rule, sentence }) => (
                <Line key={rule.id} rule={rule} sentence={sentence} onDelete={() => set("delete", rule.id)} />
              ))}
            </ul>
          )}
        </>
      )}
      {deleted && <DeleteRule rule={deleted} names={names} onClose={() => set("delete", null)} />}
    </section>
  );
}

function Line({ rule, sentence, onDelete }: { rule: RuleView; sentence: string; onDelete: () => void }) {
  const switching = useSwitchRule();
  const navigate = useNavigate();
  const address = `/settings/rules/${rule.id}`;
  const name = ruleWords(rule);
  return (
    <li className="hover:bg-raised/40 flex items-start gap-3 px-4 py-3">
      <Switch
        className="-my-0.5"
        label={words.isOn(name)}
        checked={rule.enabled}
        disabled={switching.isPending}
        onChange={(e) =>
          switching.mutate({ rule, enabled: e.target.checked }, { onError: (error) => toast.error(error.message) })
        }
      />
      <Link
        to={address}
        className="grid min-w-0 flex-1 gap-x-6 gap-y-1 -outline-offset-2 md:grid-cols-[minmax(0,1fr)_9.5rem]"
      >
        <div className="min-w-0">
          <p className={cn("font-medium break-words", !rule.enabled && "text-soft")}>{name}</p>
          <p className="text-soft mt-0.5 text-[13px] text-pretty break-words">{sentence}</p>
        </div>
        <div className="text-soft text-[13px] max-md:flex max-md:flex-wrap max-md:gap-x-3 md:text-right">
          <p>
            {!rule.enabled ? (
              words.off
            ) : rule.lastFiredAt ? (
              <>
                {words.lastFired} <When at={rule.lastFiredAt} />
              </>
            ) : (
              words.neverFired
            )}
          </p>
          {rule.firedLastWeek > 0 && <p className="tabular">{words.firedLastWeek(rule.firedLastWeek)}</p>}
        </div>
      </Link>
      <RowMenu
        label={pageWords.actionsFor(name)}
        actions={[
          { label: words.edit, icon: Pencil, onSelect: () => void navigate(address) },
          { label: words.delete, icon: Trash2, danger: true, onSelect: onDelete },
        ]}
      />
    </li>
  );
}

function DeleteRule({ rule, names, onClose }: { rule: RuleView; names: RuleNames; onClose: () => void }) {
  const remove = useDeleteRule();
  return (
    <ConfirmDialog
      title={words.deleteWhat(ruleWords(rule))}
      description={
        <>
          <span className="block">{ruleSentence(draftOf(rule), names)}</span>
          <span className="mt-2 block">{words.deleteDetail}</span>
        </>
      }
      action={words.deleteAct}
      error={remove.error}
      busy={remove.isPending}
      onConfirm={() => remove.mutate(rule, { onSuccess: onClose })}
      onClose={onClose}
    />
  );
}
