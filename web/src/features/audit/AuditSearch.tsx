import { X } from "lucide-react";
import { useId } from "react";
import type { AuditFilter } from "@/api/audit";
import { useMay } from "@/api/useMe";
import { useUsers } from "@/api/users";
import { toLocalInput } from "@/components/time";
import { Button } from "@/components/ui/Button";
import { SelectField, TextField } from "@/components/ui/Field";
import { actionGroups } from "./auditWords";
import { words } from "./words";

/** Who, what, and when. */
export function AuditSearch({
  filter,
  subjectName,
  onChange,
}: {
  filter: AuditFilter;
  subjectName: string | undefined;
  onChange: (values: Record<string, string | null>) => void;
}) {
  const names = useId();
  const users = useUsers(useMay()("users.read"));
  const known = actionGroups();
  const time = (iso: string | undefined) => (iso ? toLocalInput(Date.parse(iso)).slice(0, 16) : "");
  const isoOf = (local: string) => (local ? new Date(local).toISOString() : null);
  const actionUnknown = filter.action && !known.some(([, actions]) => actions.includes(filter.action!));
  return (
    <div className="mb-4 space-y-2">
      <div className="grid grid-cols-2 gap-3 lg:grid-cols-4">
        <TextField
          key={filter.actor ?? ""}
          label={words.who}
          list={names}
          placeholder={words.anybody}
          defaultValue={filter.actor ?? ""}
          autoCapitalize="none"
          // Names are sought whole: only when one is typed to its end.
          onBlur={(e) =>
            e.target.value.trim() !== (filter.actor ?? "") && onChange({ actor: e.target.value.trim() || null })
          }
          onKeyDown={(e) => e.key === "Enter" && onChange({ actor: e.currentTarget.value.trim() || null })}
        />
        <datalist id={names}>
          {users.data?.map((u) => (
            <option key={u.id} value={u.username} />
          ))}
        </datalist>
        <SelectField
          label={words.what}
          value={filter.action ?? ""}
          onChange={(e) => onChange({ action: e.target.value || null })}
        >
          <option value="">{words.anything}</option>
          {actionUnknown && <option value={filter.action}>{filter.action}</option>}
          {known.map(([noun, actions]) => (
            <optgroup key={noun} label={noun}>
              {actions.map((action) => (
                <option key={action} value={action}>
                  {(words.actions as Record<string, string>)[action]?.replace(/:$/, "")}
                </option>
              ))}
            </optgroup>
          ))}
        </SelectField>
        <TextField
          label={words.from}
          type="datetime-local"
          value={time(filter.from)}
          onChange={(e) => onChange({ from: isoOf(e.target.value) })}
        />
        <TextField
          label={words.to}
          type="datetime-local"
          value={time(filter.to)}
          onChange={(e) => onChange({ to: isoOf(e.target.value) })}
        />
      </div>
      {Object.keys(filter).length > 0 && (
        <div className="flex flex-wrap items-center gap-2">
          {filter.subject && (
            <Button size="sm" className="max-md:h-11" onClick={() => onChange({ subject: null })}>
              {words.onlyAbout(subjectName ?? filter.subject)} <X aria-hidden />
            </Button>
          )}
          <Button
            size="sm"
            variant="ghost"
            className="max-md:h-11"
            onClick={() => onChange({ actor: null, action: null, subject: null, from: null, to: null })}
          >
            {words.clear}
          </Button>
        </div>
      )}
    </div>
  );
}
