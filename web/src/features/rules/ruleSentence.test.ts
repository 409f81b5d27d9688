import { afterEach, beforeEach, describe, expect, it, test } from "vitest";
import type { RuleAction } from "@/api/rules";
import { chooseLanguage } from "@/i18n/language";
import { emptyCondition, emptyDraft, night, weekDays, type RuleDraft } from "./draft";
import { actionWords, daysWords, ruleSentence } from "./ruleSentence";
import { draftFrom, templateNames } from "./templates";

const names = {
  cameras: new Map([["c1", "Yard"]]),
  groups: new Map([["g1", "Outside"]]),
  sites: new Map([["s1", "Harbour"]]),
  webhooks: new Map([["w1", "Gate control"]]),
};

const rule = (when: Partial<RuleDraft["when"]>, part: Partial<RuleDraft> = {}): RuleDraft => ({
  ...emptyDraft,
  cooldownSeconds: 0,
  actions: [{ type: "alarm" }],
  ...part,
  when: { ...emptyCondition, ...when },
});

beforeEach(() => chooseLanguage("en"));
afterEach(() => chooseLanguage(null));

describe("a rule reads as a sentence", () => {
  const gate = rule(
    {
      types: ["line.crossed"],
      classes: ["person"],
      lines: ["Gate"],
      cameraIds: ["c1"],
      schedule: { timeZone: "Europe/Berlin", spans: [night] },
    },
    {
      cooldownSeconds: 60,
      actions: [
        { type: "alarm", severity: "critical" },
        { type: "record", seconds: 30, preRoll: 10 },
      ],
    },
  );

  it("in English", () => {
    expect(ruleSentence(gate, names)).toBe(
      "When a person crosses the line “Gate”, at Yard, between 22:00 and 06:00 → raise a critical alarm, record 30 s and 10 s before it; at most once in 1 min for each camera",
    );
  });

  it("in German", () => {
    chooseLanguage("de");
    expect(ruleSentence(gate, names)).toBe(
      "Wenn eine Person die Linie „Gate“ überquert, bei Yard, zwischen 22:00 und 06:00 → einen kritischen Alarm auslösen, 30 s und 10 s davor aufzeichnen; höchstens einmal in 1 min für jede Kamera",
    );
  });

  test.each([
    [{ types: ["object.vehicle"], classes: ["car", "truck"] }, "When a car or a truck is seen → raise an alarm"],
    [{ types: ["object.person", "zone.entered"] }, "When a person is seen or something enters a zone → raise an alarm"],
    [{ types: ["camera.unreachable"] }, "When “Camera is away for long” is reported → raise an alarm"],
    [
      { types: ["storage.full", "motion", "system.planeAway"] },
      "When something moves or “Storage is full” or “A part of the system is away” is reported → raise an alarm",
    ],
    [{ types: ["door.forcedOpen"] }, "When “Door forced open” is reported → raise an alarm"],
    [
      { types: ["plate.read"], plates: "!list:Staff" },
      "When a number plate is read that is not in the list “Staff” → raise an alarm",
    ],
    [
      { types: ["motion"], groupIds: ["g1"], cameraIds: ["c1"] },
      "When something moves, at a camera of “Outside” or Yard → raise an alarm",
    ],
    [
      { types: ["motion"], minConfidence: 0.9, expression: "data.count > 3" },
      "When something moves, at least 90 % certain, if data.count > 3 → raise an alarm",
    ],
    [{ types: [] }, "When … happens → raise an alarm"],
  ])("%o", (when, sentence) => expect(ruleSentence(rule(when), names)).toBe(sentence));

  it("says that nothing is done yet, and where", () => {
    expect(ruleSentence(rule({ types: ["motion"] }, { actions: [], siteId: "s1" }), names)).toBe(
      "When something moves, in Harbour → do nothing yet",
    );
  });
});

test.each<[RuleAction, string]>([
  [{ type: "snapshot" }, "keep a picture"],
  [{ type: "snapshot", cameraId: "c1" }, "keep a picture of Yard"],
  [{ type: "record", cameraId: "c1", seconds: 60 }, "record Yard for 1 min"],
  [{ type: "bookmark" }, "bookmark it"],
  [
    { type: "alarm", severity: "info", escalation: [{ afterMinutes: 5, channel: "email", target: "a@example.org" }] },
    "raise an alarm for information, after 5 min without acknowledgement tell a@example.org",
  ],
  [{ type: "webhook", webhookId: "w1" }, "call the webhook “Gate control”"],
  [{ type: "mqtt" }, "publish it by MQTT"],
  [{ type: "email", to: ["a@example.org"] }, "write to a@example.org"],
  [{ type: "push" }, "notify everybody who sees the camera"],
  [{ type: "push", to: ["eva", "tom"] }, "notify eva and tom"],
  [{ type: "ptz", preset: "2" }, "turn the camera to preset 2"],
  [{ type: "relay", relay: "1", active: false, cameraId: "c1" }, "switch relay 1 of Yard off"],
  [{ type: "sound", sound: "siren" }, "sound “Siren”"],
])("what is done: %o", (action, said) => expect(actionWords(action, names)).toBe(said));

it("gathers days in a row", () => {
  expect(daysWords(["mon", "tue", "wed", "thu", "fri"])).toBe("Mon–Fri");
  expect(daysWords(["sat", "sun"])).toBe("Sat, Sun");
  expect(daysWords(["mon", "wed", "thu", "fri", "sun"])).toBe("Mon, Wed–Fri, Sun");
  expect(daysWords(weekDays)).toBe("Mon–Sun");
});

test.each(["en", "de"] as const)("every template reads well in %s: nothing of it is unknown", (language) => {
  chooseLanguage(language);
  for (const name of templateNames) {
    const draft = draftFrom(name);
    expect(draft.name).not.toBe("");
    expect(ruleSentence(draft, names)).not.toMatch(/undefined|null|\[object/);
  }
});
