import { describe, expect, it, test } from "vitest";
import type { RuleAction, RuleView } from "@/api/rules";
import { actionTypes, draftOf, emptyDraft, fieldsOf, newAction, requestOf, type ActionType } from "./draft";

/** Each action with every field that counts for it. */
const whole: Record<ActionType, RuleAction> = {
  alarm: {
    type: "alarm",
    title: "Somebody",
    severity: "critical",
    escalation: [{ afterMinutes: 5, channel: "push", target: "eva" }],
  },
  snapshot: { type: "snapshot", cameraId: "c2" },
  record: { type: "record", cameraId: "c2", seconds: 60, preRoll: 0 },
  bookmark: { type: "bookmark", title: "Delivery" },
  push: { type: "push", to: ["eva", "tom"], title: "Look" },
  email: { type: "email", to: ["guard@example.org"], title: "Look" },
  webhook: { type: "webhook", webhookId: "w1" },
  mqtt: { type: "mqtt", topic: "gate" },
  sound: { type: "sound", sound: "siren" },
  ptz: { type: "ptz", cameraId: "c2", preset: "3" },
  relay: { type: "relay", cameraId: "c2", relay: "r1", active: false },
};

const rule = (part: Partial<RuleView>): RuleView => ({
  id: "r",
  name: "Rule",
  enabled: true,
  siteId: null,
  when: { types: ["motion"] },
  cooldownSeconds: 30,
  actions: [],
  createdBy: "admin",
  createdAt: "2026-01-01T00:00:00Z",
  updatedAt: "2026-01-01T00:00:00Z",
  version: "1",
  lastFiredAt: null,
  firedLastWeek: 0,
  ...part,
});

describe("an action goes through the form as it came", () => {
  test.each(actionTypes)("%s", (type) => {
    const action = whole[type];
    expect(requestOf(draftOf(rule({ actions: [action] }))).actions).toEqual([action]);
    // The example has all of its fields: a new one is not forgotten here.
    expect(Object.keys(action).filter((f) => f !== "type")).toEqual(expect.arrayContaining([...fieldsOf[type]]));
  });
});

it("leaves out of an action what is empty, but not zero and not no", () => {
  const actions: RuleAction[] = [
    { type: "record", seconds: 30, preRoll: 0, cameraId: "" },
    { type: "relay", relay: "1", active: false, title: "of another type" },
    { ...newAction("alarm"), title: "", escalation: [] },
  ];
  expect(requestOf({ ...emptyDraft, actions }).actions).toEqual([
    { type: "record", seconds: 30, preRoll: 0 },
    { type: "relay", relay: "1", active: false },
    { type: "alarm", severity: "warning" },
  ]);
});

it("sends a mail without an address as such: the server says what is missing", () => {
  expect(requestOf({ ...emptyDraft, actions: [newAction("email")] }).actions).toEqual([{ type: "email", to: [] }]);
});

it("takes a condition away by null, which a merge patch understands", () => {
  const draft = draftOf(
    rule({
      siteId: "s1",
      when: {
        types: ["line.crossed"],
        cameraIds: ["c1"],
        lines: ["Gate"],
        plates: "list:Staff",
        minConfidence: 0.9,
        schedule: { timeZone: "Europe/Berlin", spans: [{ days: ["mon"], from: "20:00", to: "06:00" }] },
        expression: "data.direction == 'in'",
      },
    }),
  );
  expect(requestOf(draft)).toEqual({
    name: "Rule",
    enabled: true,
    siteId: "s1",
    when: {
      types: ["line.crossed"],
      cameraIds: ["c1"],
      groupIds: null,
      classes: null,
      zones: null,
      lines: ["Gate"],
      plates: "list:Staff",
      minConfidence: 0.9,
      schedule: { timeZone: "Europe/Berlin", spans: [{ days: ["mon"], from: "20:00", to: "06:00" }] },
      expression: "data.direction == 'in'",
    },
    cooldownSeconds: 30,
    actions: [],
  });
  const emptied = {
    ...draft,
    when: { ...draft.when, schedule: null, lines: [], plates: " ", minConfidence: null, expression: "" },
  };
  expect(requestOf(emptied).when).toMatchObject({
    schedule: null,
    lines: null,
    plates: null,
    minConfidence: null,
    expression: null,
  });
});
