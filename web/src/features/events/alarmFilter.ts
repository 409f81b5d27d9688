import { alarmStates, severities, type AlarmQuery, type AlarmState, type Severity } from "@/api/alarms";

/** Which alarms, as it stands in the address: those that are not closed unless it says so. */
export interface AlarmFilter {
  state: AlarmState | "unclosed" | "all";
  severity: Severity | null;
  /** Name of a user. */
  owner: string | null;
}

export const filterStates = ["unclosed", ...alarmStates, "all"] as const satisfies readonly AlarmFilter["state"][];

export const parseAlarmFilter = (search: URLSearchParams): AlarmFilter => ({
  state: filterStates.find((s) => s === search.get("state")) ?? "unclosed",
  severity: severities.find((s) => s === search.get("severity")) ?? null,
  owner: search.get("owner") || null,
});

export function writeAlarmFilter(search: URLSearchParams, filter: AlarmFilter): URLSearchParams {
  const next = new URLSearchParams(search);
  const set = (key: string, value: string | null) => (value === null ? next.delete(key) : next.set(key, value));
  set("state", filter.state === "unclosed" ? null : filter.state);
  set("severity", filter.severity);
  set("owner", filter.owner);
  return next;
}

export const alarmQueryOf = ({ state, severity, owner }: AlarmFilter): AlarmQuery => ({
  ...(state !== "all" && { state: state === "unclosed" ? ["open", "acknowledged"] : [state] }),
  ...(severity && { severity }),
  ...(owner && { assignedTo: owner }),
});
