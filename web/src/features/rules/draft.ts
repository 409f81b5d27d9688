import type { EscalationStep, RuleAction, RuleRequest, RuleSchedule, RuleSpan, RuleView } from "@/api/rules";
import { ruleWords } from "@/events/ruleWords";

/** What the editor holds: a rule with every field there, as inputs want it. */
export interface RuleDraft {
  name: string;
  enabled: boolean;
  /** Null: everywhere. */
  siteId: string | null;
  when: ConditionDraft;
  cooldownSeconds: number;
  actions: RuleAction[];
}

export interface ConditionDraft {
  types: string[];
  cameraIds: string[];
  groupIds: string[];
  classes: string[];
  zones: string[];
  lines: string[];
  plates: string;
  minConfidence: number | null;
  schedule: ScheduleDraft | null;
  expression: string;
}

export interface ScheduleDraft {
  timeZone: string;
  spans: SpanDraft[];
}

export interface SpanDraft {
  days: string[];
  from: string;
  to: string;
}

export const actionTypes = [
  "alarm",
  "snapshot",
  "record",
  "bookmark",
  "push",
  "email",
  "webhook",
  "mqtt",
  "sound",
  "ptz",
  "relay",
] as const;
export type ActionType = (typeof actionTypes)[number];

/** Which fields of an action count. */
export const fieldsOf: Readonly<Record<ActionType, readonly (keyof RuleAction)[]>> = {
  snapshot: ["cameraId"],
  record: ["cameraId", "seconds", "preRoll"],
  bookmark: ["title"],
  alarm: ["title", "severity", "escalation"],
  webhook: ["webhookId"],
  mqtt: ["topic"],
  email: ["to", "title"],
  push: ["to", "title"],
  ptz: ["cameraId", "preset"],
  relay: ["cameraId", "relay", "active"],
  sound: ["sound"],
};

export const isActionType = (type: string | null | undefined): type is ActionType =>
  actionTypes.some((known) => known === type);

/** A new action, with what people see in its inputs at first. */
export function newAction(type: ActionType): RuleAction {
  switch (type) {
    case "record":
      return { type, seconds: 30 };
    case "alarm":
      return { type, severity: "warning" };
    case "email":
      return { type, to: [] };
    case "relay":
      return { type, active: true };
    case "sound":
      return { type, sound: "chime" };
    default:
      return { type };
  }
}

export const emptyCondition: ConditionDraft = {
  types: [],
  cameraIds: [],
  groupIds: [],
  classes: [],
  zones: [],
  lines: [],
  plates: "",
  minConfidence: null,
  schedule: null,
  expression: "",
};

export const emptyDraft: RuleDraft = {
  name: "",
  enabled: true,
  siteId: null,
  when: emptyCondition,
  cooldownSeconds: 60,
  actions: [],
};

export function draftOf(rule: RuleView): RuleDraft {
  const { enabled, siteId, when, cooldownSeconds, actions } = rule;
  return {
    name: ruleWords(rule),
    enabled,
    siteId,
    when: {
      types: when.types ?? [],
      cameraIds: when.cameraIds ?? [],
      groupIds: when.groupIds ?? [],
      classes: when.classes ?? [],
      zones: when.zones ?? [],
      lines: when.lines ?? [],
      plates: when.plates ?? "",
      minConfidence: when.minConfidence ?? null,
      schedule: when.schedule ? scheduleOf(when.schedule) : null,
      expression: when.expression ?? "",
    },
    cooldownSeconds,
    actions: actions.map(cleaned),
  };
}

const scheduleOf = ({ timeZone, spans }: RuleSchedule): ScheduleDraft => ({
  timeZone: timeZone ?? "UTC",
  spans: (spans ?? []).map(({ days, from, to }: RuleSpan) => ({ days: days ?? [], from: from ?? "", to: to ?? "" })),
});

/** Whole, for a merge patch too: what is empty is null, which takes away what was there. */
export function requestOf({ name, enabled, siteId, when, cooldownSeconds, actions }: RuleDraft): RuleRequest {
  const some = (list: string[]) => (list.length > 0 ? list : null);
  return {
    name: name.trim(),
    enabled,
    siteId,
    when: {
      types: when.types,
      cameraIds: some(when.cameraIds),
      groupIds: some(when.groupIds),
      classes: some(when.classes),
      zones: some(when.zones),
      lines: some(when.lines),
      plates: when.plates.trim() || null,
      minConfidence: when.minConfidence,
      schedule: when.schedule,
      expression: when.expression.trim() || null,
    },
    cooldownSeconds,
    actions: actions.map(cleaned),
  };
}

/** Without what is empty, and without what does not count for its type. */
function cleaned(action: RuleAction): RuleAction {
  if (!isActionType(action.type)) return action;
  const kept = fieldsOf[action.type].flatMap((field) => {
    const value = action[field];
    const isEmpty = value == null || value === "" || (field !== "to" && Array.isArray(value) && value.length === 0);
    return isEmpty ? [] : [[field, value]];
  });
  return { type: action.type, ...(Object.fromEntries(kept) as RuleAction) };
}

export const newStep: EscalationStep = { afterMinutes: 5, channel: "push", target: "" };

export const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
export const weekDays = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

export const night: SpanDraft = { days: weekDays, from: "22:00", to: "06:00" };
