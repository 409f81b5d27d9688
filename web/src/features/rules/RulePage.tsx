import { ArrowLeft, FilePlus2, ListChecks } from "lucide-react";
import { useState } from "react";
import { Link, useParams, useSearchParams } from "react-router";
import { ApiError } from "@/api/problem";
import { useRule } from "@/api/rules";
import { EmptyState, QueryError, Skeleton } from "@/components/States";
import { Button } from "@/components/ui/Button";
import { draftOf, emptyDraft } from "./draft";
import { RuleForm } from "./RuleForm";
import { ruleSentence } from "./ruleSentence";
import { draftFrom, isTemplate, templateNames } from "./templates";
import { useRuleNames } from "./useRuleNames";
import { words } from "./words";

const blank = "blank";

/** One rule, or a new one: `/settings/rules/new?template=NAME` begins with what others often want. */
export function RulePage() {
  const { id = "" } = useParams();
  const [search] = useSearchParams();
  const template = search.get("template");
  return (
    <section aria-label={words.rule}>
      <Link
        to={id === "new" && template ? "/settings/rules/new" : "/settings/rules"}
        className="text-soft hover:text-text mb-3 inline-flex min-h-8 items-center gap-1.5 text-[13px] max-md:min-h-11"
      >
        <ArrowLeft className="size-4" aria-hidden /> {id === "new" && template ? words.otherTemplates : words.rules}
      </Link>
      {id !== "new" ? (
        <Existing id={id} />
      ) : isTemplate(template) ? (
        <RuleForm key={template} rule={null} begin={draftFrom(template)} />
      ) : template === blank ? (
        <RuleForm key={blank} rule={null} begin={emptyDraft} />
      ) : (
        <Templates />
      )}
    </section>
  );
}

function Existing({ id }: { id: string }) {
  const rule = useRule(id);
  // What somebody else has made of it meanwhile is begun with anew.
  const [round, setRound] = useState(0);
  if (rule.isPending) return <Skeleton className="h-96" />;
  if (rule.isError && !rule.data) {
    if (rule.error instanceof ApiError && rule.error.problem.status === 404)
      return (
        <div className="bg-panel rounded-lg border">
          <EmptyState icon={<ListChecks />} title={words.gone} detail={words.goneDetail}>
            <Button asChild>
              <Link to="/settings/rules">{words.toRules}</Link>
            </Button>
          </EmptyState>
        </div>
      );
    return <QueryError what={words.theRule} error={rule.error} onRetry={() => void rule.refetch()} />;
  }
  return (
    <RuleForm
      key={round}
      rule={rule.data}
      begin={draftOf(rule.data)}
      onReload={() => void rule.refetch().then((now) => now.isSuccess && setRound((r) => r + 1))}
    />
  );
}

function Templates() {
  const names = useRuleNames();
  return (
    <>
      <h2 className="font-semibold">{words.newRule}</h2>
      <p className="text-soft mt-0.5 mb-5 text-[13px]">{words.templatesLead}</p>
      <ul className="grid gap-3 sm:grid-cols-2">
        {templateNames.map((name) => (
          <li key={name}>
            <Link
              to={`?template=${name}`}
              className="bg-panel hover:border-accent block h-full rounded-lg border p-4 transition-colors"
            >
              <span className="font-medium">{words.templates[name]}</span>
              <span className="text-soft mt-1 block text-[13px] text-pretty">
                {ruleSentence(draftFrom(name), names)}
              </span>
            </Link>
          </li>
        ))}
        <li>
          <Link
            to={`?template=${blank}`}
            className="hover:border-accent flex h-full min-h-24 items-center gap-3 rounded-lg border border-dashed p-4 transition-colors"
          >
            <FilePlus2 className="text-soft size-5" aria-hidden />
            <span>
              <span className="block font-medium">{words.blank}</span>
              <span className="text-soft text-[13px]">{words.blankDetail}</span>
            </span>
          </Link>
        </li>
      </ul>
    </>
  );
}
