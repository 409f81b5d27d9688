import type { AlarmView } from "@/api/alarms";
import { calledWords } from "@/events/ruleWords";
import { words } from "./words";

/** One thing that was done about an alarm. */
export interface Deed {
  at: string;
  /** Null: the system. */
  by: string | null;
  what: string;
  /** What was written down. */
  text: string | null;
}

/** What the audit log has of an alarm besides what the alarm says itself. */
export interface AuditedDeed {
  at: string;
  actor: string;
  action: string;
  value: string | null;
}

/** What was done about it, in the order of time. Who it was given to is on record in the audit log alone. */
export function historyOf(alarm: AlarmView, audited: readonly AuditedDeed[]): Deed[] {
  const deeds: Deed[] = [{ at: alarm.at, by: null, what: words.deeds.raised(calledWords(alarm.ruleName)), text: null }];
  // Closing one that nobody acknowledged acknowledges it, too: that is one deed.
  if (alarm.acknowledgedAt !== null && alarm.acknowledgedAt !== alarm.closedAt)
    deeds.push({ at: alarm.acknowledgedAt, by: alarm.acknowledgedBy, what: words.deeds.acknowledged, text: null });
  for (const comment of alarm.comments)
    deeds.push({ at: comment.at, by: comment.by, what: words.deeds.commented, text: comment.text });
  if (alarm.closedAt !== null)
    deeds.push({ at: alarm.closedAt, by: alarm.closedBy, what: words.deeds.closed, text: null });
  for (const { at, actor, action, value } of audited) {
    if (action === "alarm.assigned")
      deeds.push({
        at,
        by: actor,
        what: value === null ? words.deeds.unassigned : words.deeds.assigned(value),
        text: null,
      });
    else if (action === "alarm.escalated")
      deeds.push({
        at,
        by: null,
        what: value === null ? words.deeds.escalated : words.deeds.escalatedTo(value),
        text: null,
      });
  }
  return deeds.sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
}
