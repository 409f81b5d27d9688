import { useCallback, useRef, useState, type FormEvent, type ReactNode } from "react";
import { Link, useNavigate } from "react-router";
import { toast } from "sonner";
import { ApiError } from "@/api/problem";
import { useDryRun, useSaveRule, type RuleView } from "@/api/rules";
import { FormProblem } from "@/components/FormProblem";
import { duration } from "@/components/time";
import { Button } from "@/components/ui/Button";
import { SelectField, TextField } from "@/components/ui/Field";
import { Switch } from "@/components/ui/Switch";
import { UnsavedGuard } from "@/components/UnsavedGuard";
import { words as pageWords } from "@/components/words";
import { ruleWords } from "@/events/ruleWords";
import { ActionList } from "./ActionList";
import { ConditionFields } from "./ConditionFields";
import { requestOf, type RuleDraft } from "./draft";
import { DryRun } from "./DryRun";
import { ruleSentence } from "./ruleSentence";
import { useRuleNames } from "./useRuleNames";
import { words } from "./words";

/** What is wrong with one field, by the API's name: `when.types`, `actions[0].to`. */
export type FieldError = (field: string) => string | undefined;

const cooldowns = [0, 10, 30, 60, 120, 300, 600, 1800, 3600, 21_600, 86_400];

/** Fields whose problem an input says itself; what else is wrong stands above the buttons. */
const shownFields = [
  "name",
  "siteId",
  "cooldownSeconds",
  "actions",
  ...["types", "cameraIds", "groupIds", "classes", "zones", "lines", "plates", "minConfidence", "expression"].map(
    (field) => `when.${field}`,
  ),
  "when.schedule.timeZone",
  "when.schedule.spans",
];

/** What counts for a trial: neither its name nor what it does need be there yet. */
const trialOf = (draft: RuleDraft) => ({ ...requestOf(draft), name: null, actions: [] });

/** A name that is only shown in the reader's language stays what it is. */
const changesOf = (draft: RuleDraft, rule: RuleView | null) => {
  const request = requestOf(draft);
  return rule && request.name === ruleWords(rule) ? { ...request, name: rule.name } : request;
};

/** A rule while it is made: its parts, how it reads, and what it would have done. */
export function RuleForm({
  rule,
  begin,
  onReload,
}: {
  rule: RuleView | null;
  begin: RuleDraft;
  /** Begins anew with what the rule is now. */
  onReload?: () => void;
}) {
  const [draft, setDraft] = useState(begin);
  const navigate = useNavigate();
  const save = useSaveRule(rule);
  const dry = useDryRun();
  const names = useRuleNames();
  const [asked, setAsked] = useState<"save" | "dryRun">("save");
  const [tried, setTried] = useState("");
  const saved = useRef(false);
  const changed = JSON.stringify(requestOf(draft)) !== JSON.stringify(requestOf(begin));
  const unsaved = useCallback(() => changed && !saved.current, [changed]);
  const error = asked === "save" ? save.error : dry.error;
  const field: FieldError = (name) => (error instanceof ApiError ? error.field(name) : undefined);
  const change = (part: Partial<RuleDraft>) => setDraft({ ...draft, ...part });

  function onSubmit(event: FormEvent) {
    event.preventDefault();
    setAsked("save");
    save.mutate(changesOf(draft, rule), {
      onSuccess: () => {
        saved.current = true;
        toast.success(words.saved);
        void navigate("/settings/rules");
      },
    });
  }

  return (
    <form onSubmit={onSubmit} noValidate>
      <UnsavedGuard unsaved={unsaved} />
      <div className="mb-4 flex flex-wrap items-center justify-between gap-x-6 gap-y-2">
        <h2 className="min-w-0 font-semibold break-words">{rule ? ruleWords(rule) : words.newRule}</h2>
        <Switch
          label={draft.enabled ? words.on : words.off}
          shown
          checked={draft.enabled}
          onChange={(e) => change({ enabled: e.target.checked })}
        />
      </div>
      <div className="grid items-start gap-4 xl:grid-cols-[minmax(0,1fr)_20rem]">
        <div className="min-w-0 space-y-4">
          <Part title={words.name}>
            <TextField
              label={words.nameLabel}
              hint={words.nameHint}
              value={draft.name}
              maxLength={100}
              autoComplete="off"
              onChange={(e) => change({ name: e.target.value })}
              error={field("name")}
            />
          </Part>
          <Part title={words.whenTitle}>
            <ConditionFields draft={draft} onChange={change} error={field} />
          </Part>
          <Part title={words.thenTitle}>
            <ActionList
              actions={draft.actions}
              onChange={(actions) => change({ actions })}
              error={error instanceof ApiError ? error : null}
            />
            <SelectField
              label={words.cooldown}
              hint={words.cooldownHint}
              className="mt-4 sm:max-w-80"
              value={draft.cooldownSeconds}
              onChange={(e) => change({ cooldownSeconds: Number(e.target.value) })}
              error={field("cooldownSeconds")}
            >
              {[...new Set([...cooldowns, draft.cooldownSeconds])]
                .sort((a, b) => a - b)
                .map((seconds) => (
                  <option key={seconds} value={seconds}>
                    {seconds === 0 ? words.eachTime : words.onceIn(duration(seconds * 1000))}
                  </option>
                ))}
            </SelectField>
          </Part>
        </div>
        <div className="min-w-0 space-y-4 xl:sticky xl:top-4">
          <Part title={words.inWords}>
            <p aria-live="polite" data-testid="sentence" className="text-pretty break-words">
              {ruleSentence(draft, names)}
            </p>
          </Part>
          <Part title={words.dryRun}>
            <DryRun
              outcome={dry.data ?? null}
              error={dry.error}
              busy={dry.isPending}
              isStale={tried !== JSON.stringify(trialOf(draft))}
              onRun={(days) => {
                setAsked("dryRun");
                setTried(JSON.stringify(trialOf(draft)));
                dry.mutate({ rule: trialOf(draft), days });
              }}
            />
          </Part>
        </div>
      </div>
      <div className="mt-5 space-y-3">
        <FormProblem error={asked === "save" ? save.error : null} shown={shownFields} />
        {save.error instanceof ApiError && save.error.code === "changedMeanwhile" && onReload && (
          <Button className="max-md:h-11" onClick={onReload}>
            {words.reload}
          </Button>
        )}
        <div className="flex flex-wrap gap-2">
          <Button type="submit" variant="primary" className="max-md:h-11" disabled={save.isPending}>
            {save.isPending ? pageWords.saving : rule ? pageWords.save : words.add}
          </Button>
          <Button asChild variant="ghost" className="max-md:h-11">
            <Link to="/settings/rules">{pageWords.cancel}</Link>
          </Button>
        </div>
      </div>
    </form>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title} className="bg-panel rounded-lg border p-4 md:p-5">
      <h3 className="mb-3 font-medium">{title}</h3>
      {children}
    </section>
  );
}
