import type { RuleAction } from "@/api/rules";
import { classWords, eventWords } from "@/events/eventWords";
import { wordFor } from "@/i18n/catalogue";
import { number } from "@/i18n/formats";
import { duration } from "@/components/time";
import { weekDays, type ConditionDraft, type RuleDraft, type SpanDraft } from "./draft";
import { words } from "./words";

/** What ids are called; an id that nobody here knows stands for itself. */
export interface RuleNames {
  cameras: ReadonlyMap<string, string>;
  groups: ReadonlyMap<string, string>;
  sites: ReadonlyMap<string, string>;
  webhooks: ReadonlyMap<string, string>;
}

/** A rule read aloud: "When a person crosses “Gate” at Yard, between 22:00 and 06:00 → raise a critical alarm, keep a picture". */
export function ruleSentence(rule: RuleDraft, names: RuleNames): string {
  const actions = rule.actions.map((action) => actionWords(action, names));
  const then = actions.length > 0 ? actions.join(", ") : words.say.nothing;
  const rest = rule.cooldownSeconds > 0 ? words.say.cooldown(duration(rule.cooldownSeconds * 1000)) : "";
  return `${conditionWords(rule, names)} → ${then}${rest}`;
}

function conditionWords({ when, siteId }: RuleDraft, names: RuleNames): string {
  if (when.types.length === 0) return words.say.noEvents;
  const own = when.types.map((type) => happening(type, when)).filter((said) => said !== null);
  const others = when.types.filter((type) => happening(type, when) === null).map(reportedName);
  const happened = [...new Set([...own, ...(others.length > 0 ? [words.say.reported(quoted(others))] : [])])];
  const parts = [
    placeWords(when, siteId, names),
    when.plates && !when.types.includes("plate.read") ? plateCondition(when.plates) : "",
    when.minConfidence === null ? "" : words.say.confidence(`${number(when.minConfidence * 100)} %`),
    scheduleWords(when),
    when.expression.trim() ? words.say.expression(when.expression.trim()) : "",
  ].filter(Boolean);
  return words.say.when([list(happened, words.say.or), ...parts].join(", "));
}

/** "a person crosses “Gate”": who does what where in the picture; null for a type that has only its name. */
function happening(type: string, when: ConditionDraft): string | null {
  const who = when.classes.length > 0 ? list(when.classes.map(someone), words.say.or) : words.say.something;
  const zone = when.zones.length > 0 ? words.say.theZone(quoted(when.zones)) : words.say.aZone;
  switch (type) {
    case "line.crossed":
      return words.say.crosses(who, when.lines.length > 0 ? words.say.theLine(quoted(when.lines)) : words.say.aLine);
    case "zone.entered":
      return words.say.enters(who, zone);
    case "zone.left":
      return words.say.leaves(who, zone);
    case "zone.loitering":
      return words.say.loiters(who, zone);
    case "object.person":
    case "object.vehicle":
    case "object.animal":
      return words.say.seen(when.classes.length > 0 ? who : someone(type.slice("object.".length)));
    case "object.*":
      return words.say.seen(who);
    case "motion":
      return words.say.moves;
    case "plate.read":
      return when.plates ? plateCondition(when.plates) : words.say.anyPlate;
    case "*":
      return words.say.anything;
    default:
      return null;
  }
}

const reportedName = (type: string) =>
  type.endsWith(".*") ? words.typeFamily(eventWords(type.slice(0, -2))) : eventWords(type);

const someone = (name: string) => wordFor(words.say.someone, name) ?? `“${classWords(name)}”`;

function plateCondition(plates: string): string {
  const not = plates.startsWith("!");
  const wanted = not ? plates.slice(1) : plates;
  const isList = /^list:/i.test(wanted);
  const name = isList ? wanted.slice("list:".length).trim() : wanted;
  if (isList) return (not ? words.say.plateNotIn : words.say.plateIn)(name || "…");
  return (not ? words.say.plateNot : words.say.plateIs)(name);
}

function placeWords({ cameraIds, groupIds }: ConditionDraft, siteId: string | null, names: RuleNames): string {
  const places = [
    ...groupIds.map((id) => words.say.group(names.groups.get(id) ?? id)),
    ...cameraIds.map((id) => names.cameras.get(id) ?? id),
  ];
  const site = siteId === null ? null : (names.sites.get(siteId) ?? siteId);
  if (places.length === 0) return site === null ? "" : words.say.inSite(site);
  const at = words.say.at(list(places, words.say.or));
  return site === null ? at : `${at} ${words.say.inSite(site)}`;
}

function scheduleWords({ schedule }: ConditionDraft): string {
  if (schedule === null) return "";
  return list(schedule.spans.map(spanWords), words.say.or) || words.say.never;
}

function spanWords({ days, from, to }: SpanDraft): string {
  const time = from === "00:00" && to === "24:00" ? words.say.allDay : words.say.between(from || "…", to || "…");
  return days.length === 7 ? time : `${time} ${words.say.on(daysWords(days))}`;
}

/** "Mon–Fri", "Sat, Sun": days in a row have their first and last. */
export function daysWords(days: readonly string[]): string {
  const runs: number[][] = [];
  weekDays.forEach((day, i) => {
    if (!days.includes(day)) return;
    const last = runs.at(-1);
    if (last?.at(-1) === i - 1) last.push(i);
    else runs.push([i]);
  });
  const name = (i: number) => words.days[i]!;
  return runs.flatMap((run) => (run.length > 2 ? [`${name(run[0]!)}–${name(run.at(-1)!)}`] : run.map(name))).join(", ");
}

export function actionWords(action: RuleAction, names: RuleNames): string {
  const camera = action.cameraId ? (names.cameras.get(action.cameraId) ?? action.cameraId) : null;
  switch (action.type) {
    case "snapshot":
      return words.do.snapshot(camera);
    case "record":
      return words.do.record(duration((action.seconds ?? 30) * 1000), secondsOrNull(action.preRoll), camera);
    case "bookmark":
      return words.do.bookmark;
    case "alarm": {
      const steps = (action.escalation ?? []).map(({ afterMinutes, target, channel }) =>
        words.do.escalate(
          afterMinutes ?? 0,
          channel === "webhook" ? (names.webhooks.get(target ?? "") ?? "…") : target || "…",
        ),
      );
      return [wordFor(words.do.alarm, action.severity ?? "warning") ?? words.do.alarm.warning, ...steps].join(", ");
    }
    case "webhook":
      return words.do.webhook(names.webhooks.get(action.webhookId ?? "") ?? "…");
    case "mqtt":
      return words.do.mqtt;
    case "email":
      return words.do.email(action.to?.join(", ") || "…");
    case "push":
      return words.do.push(action.to && action.to.length > 0 ? list(action.to, words.say.and) : null);
    case "ptz":
      return words.do.ptz(camera, action.preset || "…");
    case "relay":
      return (action.active === false ? words.do.relayOff : words.do.relayOn)(action.relay || "…", camera);
    case "sound":
      return words.do.sound(wordFor(words.sounds, action.sound ?? "chime") ?? "…");
    default:
      return action.type ?? "…";
  }
}

const secondsOrNull = (seconds: number | null | undefined) => (seconds == null ? null : duration(seconds * 1000));

const quoted = (all: readonly string[]) =>
  list(
    all.map((name) => words.say.quoted(name)),
    words.say.or,
  );

/** "a", "a or b", "a, b or c". */
const list = (all: readonly string[], join: string) =>
  all.length < 2 ? (all[0] ?? "") : `${all.slice(0, -1).join(", ")} ${join} ${all.at(-1)}`;
