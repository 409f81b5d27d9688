import { severities, type Severity } from "@/api/alarms";
import { useMay, useMe } from "@/api/useMe";
import { useUsers } from "@/api/users";
import { cn } from "@/components/cn";
import { filterStates, type AlarmFilter } from "./alarmFilter";
import { severityWords } from "./AlarmMarks";
import { words } from "./words";

const select = "bg-panel h-8 max-w-52 rounded-full border px-3 text-[13px] max-md:h-11";

/** State, severity and owner. */
export function AlarmFilterBar({ filter, onChange }: { filter: AlarmFilter; onChange: (filter: AlarmFilter) => void }) {
  const me = useMe().data?.username;
  const users = useUsers(useMay()("users.read"));
  const names = new Set([...(me ? [me] : []), ...(users.data ?? []).map((u) => u.username)]);
  if (filter.owner) names.add(filter.owner);
  const chosen = (is: boolean) => cn(select, is && "border-accent text-accent");
  return (
    <div
      role="group"
      aria-label={words.filter}
      className="flex [scrollbar-width:none] items-center gap-2 overflow-x-auto px-3 py-2 md:px-4"
    >
      <select
        aria-label={words.state}
        className={chosen(filter.state !== "unclosed")}
        value={filter.state}
        onChange={(e) => onChange({ ...filter, state: e.target.value as AlarmFilter["state"] })}
      >
        {filterStates.map((state) => (
          <option key={state} value={state}>
            {words.filterStates[state]}
          </option>
        ))}
      </select>
      <select
        aria-label={words.severity}
        className={chosen(filter.severity !== null)}
        value={filter.severity ?? ""}
        onChange={(e) => onChange({ ...filter, severity: (e.target.value || null) as Severity | null })}
      >
        <option value="">{words.anySeverity}</option>
        {severities.map((severity) => (
          <option key={severity} value={severity}>
            {severityWords(severity)}
          </option>
        ))}
      </select>
      <select
        aria-label={words.owner}
        className={chosen(filter.owner !== null)}
        value={filter.owner ?? ""}
        onChange={(e) => onChange({ ...filter, owner: e.target.value || null })}
      >
        <option value="">{words.anyOwner}</option>
        {[...names].map((name) => (
          <option key={name} value={name}>
            {name === me ? words.mine(name) : name}
          </option>
        ))}
      </select>
    </div>
  );
}
