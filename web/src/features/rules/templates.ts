import type { RuleAction } from "@/api/rules";
import { emptyCondition, emptyDraft, here, night, type ConditionDraft, type RuleDraft } from "./draft";
import { words } from "./words";

export const templateNames = [
  "personAtNight",
  "vehicleSeen",
  "lineCrossed",
  "loitering",
  "unknownPlate",
  "cameraOffline",
] as const;
export type TemplateName = (typeof templateNames)[number];

interface Template {
  when: Partial<ConditionDraft>;
  cooldownSeconds: number;
  actions: RuleAction[];
}

const templates: Readonly<Record<TemplateName, Template>> = {
  personAtNight: {
    when: { types: ["object.person"], schedule: { timeZone: here, spans: [night] } },
    cooldownSeconds: 120,
    actions: [
      { type: "alarm", severity: "critical" },
      { type: "snapshot" },
      { type: "record", seconds: 60, preRoll: 10 },
    ],
  },
  vehicleSeen: {
    when: { types: ["object.vehicle"] },
    cooldownSeconds: 60,
    actions: [{ type: "snapshot" }, { type: "push" }],
  },
  lineCrossed: {
    when: { types: ["line.crossed"], classes: ["person"] },
    cooldownSeconds: 0,
    actions: [{ type: "bookmark" }, { type: "push" }],
  },
  loitering: {
    when: { types: ["zone.loitering"], classes: ["person"] },
    cooldownSeconds: 120,
    actions: [
      { type: "alarm", severity: "warning" },
      { type: "sound", sound: "chime" },
    ],
  },
  unknownPlate: {
    when: { types: ["plate.read"], plates: "!list:" },
    cooldownSeconds: 0,
    actions: [{ type: "snapshot" }, { type: "push" }],
  },
  cameraOffline: {
    when: { types: ["camera.unreachable"] },
    cooldownSeconds: 600,
    actions: [{ type: "email", to: [] }],
  },
};

export const isTemplate = (name: string | null): name is TemplateName => templateNames.some((known) => known === name);

/** A rule to begin with; what is missing in it, as whom a mail is for, the form asks. */
export function draftFrom(name: TemplateName): RuleDraft {
  const { when, cooldownSeconds, actions } = templates[name];
  return { ...emptyDraft, name: words.templates[name], when: { ...emptyCondition, ...when }, cooldownSeconds, actions };
}
