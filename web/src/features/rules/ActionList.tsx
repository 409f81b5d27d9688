import { X } from "lucide-react";
import type { ApiError } from "@/api/problem";
import type { RuleAction } from "@/api/rules";
import { Button } from "@/components/ui/Button";
import { ActionFields } from "./ActionFields";
import { actionIcons } from "./actionIcons";
import { actionTypes, fieldsOf, isActionType, newAction, type ActionType } from "./draft";
import { words } from "./words";

/** What is done, each with its own settings. */
export function ActionList({
  actions,
  onChange,
  error,
}: {
  actions: readonly RuleAction[];
  onChange: (actions: RuleAction[]) => void;
  error: ApiError | null;
}) {
  return (
    <div className="space-y-3">
      {actions.length === 0 && <p className="text-soft text-[13px] text-pretty">{words.noActions}</p>}
      {actions.length > 0 && (
        <ul aria-label={words.thenTitle} className="space-y-3">
          {actions.map((action, i) => (
            <Action
              key={i}
              action={action}
              problems={problemsOf(error, i)}
              onChange={(next) => onChange(actions.map((a, j) => (j === i ? next : a)))}
              onRemove={() => onChange(actions.filter((_, j) => j !== i))}
            />
          ))}
        </ul>
      )}
      {error?.field("actions") && (
        <p role="alert" className="text-alarm text-[13px]">
          {error.field("actions")}
        </p>
      )}
      <select
        aria-label={words.addAction}
        value=""
        onChange={(e) => isActionType(e.target.value) && onChange([...actions, newAction(e.target.value)])}
        className="bg-ground hover:border-faint h-10 w-full rounded-md border px-3 max-md:h-11 sm:max-w-80"
      >
        <option value="">{words.addAction}</option>
        {actionTypes.map((type) => (
          <option key={type} value={type}>
            {words.actions[type]}
          </option>
        ))}
      </select>
    </div>
  );
}

/** What is wrong with each field of one action, by the field's own name. */
function problemsOf(error: ApiError | null, index: number): ReadonlyMap<string, string> {
  const prefix = `actions[${index}].`;
  return new Map(
    error?.problem.fields
      ?.filter(({ field }) => field.startsWith(prefix))
      .map(({ field, message }) => [field.slice(prefix.length), message]),
  );
}

function Action({
  action,
  problems,
  onChange,
  onRemove,
}: {
  action: RuleAction;
  problems: ReadonlyMap<string, string>;
  onChange: (action: RuleAction) => void;
  onRemove: () => void;
}) {
  const type = isActionType(action.type) ? action.type : null;
  const Icon = type ? actionIcons[type] : null;
  const name = type ? words.actions[type] : (action.type ?? "");
  const own: readonly string[] = type ? fieldsOf[type] : [];
  const others = [...problems].filter(([field]) => !own.includes(field));
  return (
    <li className="bg-ground rounded-md border p-3">
      <div className="flex items-center gap-2.5">
        {Icon && <Icon className="text-accent size-4 shrink-0" aria-hidden />}
        <h4 className="min-w-0 flex-1 font-medium">{name}</h4>
        <Button
          size="icon"
          variant="ghost"
          className="-my-1.5 -mr-1.5 max-md:size-11"
          aria-label={words.removeAction(name)}
          title={words.removeAction(name)}
          onClick={onRemove}
        >
          <X />
        </Button>
      </div>
      {type && <Hint type={type} />}
      {type && <ActionFields type={type} action={action} onChange={onChange} error={(field) => problems.get(field)} />}
      {others.map(([field, message]) => (
        <p key={field} role="alert" className="text-alarm mt-2 text-[13px]">
          {message}
        </p>
      ))}
    </li>
  );
}

function Hint({ type }: { type: ActionType }) {
  return <p className="text-faint mt-0.5 text-[13px] text-pretty">{words.actionHints[type]}</p>;
}
