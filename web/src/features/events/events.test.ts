import { describe, expect, test } from "vitest";
import type { AlarmView } from "@/api/alarms";
import { changed } from "@/api/alarms";
import type { EventView } from "@/api/events";
import { alarmQueryOf, parseAlarmFilter, writeAlarmFilter } from "./alarmFilter";
import { historyOf } from "./alarmHistory";
import { byDay, daysAgo } from "./days";
import { dataOf, factsOf, sourceWords } from "./eventFacts";
import { pictureOf } from "./eventPicture";
import { playbackOf, spanOf } from "./moment";
import { mixed } from "./monitoringList";

const alarm = (values: Partial<AlarmView> = {}) =>
  ({
    id: "a",
    ruleName: "Fence",
    state: "open",
    at: "2026-12-01T08:00:00.000Z",
    assignedTo: null,
    acknowledgedBy: null,
    acknowledgedAt: null,
    closedBy: null,
    closedAt: null,
    comments: [],
    escalateAt: "2026-12-01T08:05:00.000Z",
    ...values,
  }) as unknown as AlarmView;

test("the picture of an event is its still, else the object, else what was recorded", () => {
  const [still, crop] = [{ snapshotUrl: "/s" }, { cropUrl: "/c" }];
  const none = { snapshotUrl: null, cropUrl: null, cameraId: null };
  expect(pictureOf({ ...none, ...crop, ...still, cameraId: "a" })).toBe("still");
  expect(pictureOf({ ...none, ...crop, cameraId: "a" })).toBe("crop");
  expect(pictureOf({ ...none, cameraId: "a" })).toBe("recorded");
  expect(pictureOf(none)).toBe("none");
});

test("of what a program adds, what is of another kind than it is shown as is left out", () => {
  const known = { reason: "why", count: 3, thresholds: { person: 0.5, car: "much" }, modelHash: "ab" };
  expect(dataOf({ data: known })).toMatchObject({ ...known, thresholds: [["person", 0.5]] });
  const foreign = {
    reason: {},
    detail: [1],
    count: "3",
    thresholds: 7,
    modelHash: 5,
    direction: null,
    plateCountry: {},
  };
  for (const data of [foreign, null, "text", 3, [1]] as EventView["data"][])
    expect(Object.values(dataOf({ data })).every((value) => value === undefined)).toBe(true);
});

test("of an event about the product itself the part is said, one that is not known by its name", () => {
  const about = (plane: string) =>
    factsOf({
      type: "system.planeRestarted",
      class: null,
      plate: null,
      zone: null,
      line: null,
      data: { plane },
    } as unknown as EventView);
  expect(about("recorder")).toEqual(["Recorder"]);
  expect(about("nats")).toEqual(["NATS, the messages between services"]);
  expect(about("elsewhere")).toEqual(["elsewhere"]);
});

test("who reported it is said for people; a program by the name of its key", () => {
  expect(sourceWords("analytics")).toBe("This server's analytics");
  expect(sourceWords("apiKey:Door control")).toBe("Another program, with the API key Door control");
  expect(sourceWords("sensor:Gate:1")).toBe("The sensor Gate:1");
  expect(sourceWords("somebody")).toBe("somebody");
});

describe("a moment", () => {
  test("is played from a few seconds before", () => {
    expect(playbackOf("door", "2026-12-01T08:00:03.000Z")).toBe("/playback?camera=door&at=2026-12-01T07:59:58.000Z");
  });

  test("is kept with what is around it, and nothing of the future", () => {
    const at = "2026-12-01T08:00:00.000Z";
    const begin = Date.parse(at);
    const lengths = (endAt: string | null, now: number) => {
      const { from, to } = spanOf({ at, endAt }, now);
      return [begin - from, to - begin];
    };
    expect(lengths(null, begin + 3_600_000)).toEqual([10_000, 20_000]);
    expect(lengths("2026-12-01T08:01:00.000Z", begin + 3_600_000)).toEqual([10_000, 80_000]);
    expect(lengths(null, begin + 5_000)).toEqual([10_000, 5_000]);
    expect(lengths("2026-12-01T10:00:00.000Z", begin + 86_400_000)).toEqual([10_000, 600_000]);
  });
});

test("events stand by days in their order, and a day is as long as it is", () => {
  const items = [
    new Date(2026, 2, 30, 9),
    new Date(2026, 2, 29, 23),
    new Date(2026, 2, 29, 1),
    new Date(2026, 2, 28, 1),
  ];
  const days = byDay(items.map((at) => ({ at: at.toISOString() })));
  expect(days.map((d) => d.items.length)).toEqual([1, 2, 1]);
  expect(days.map((d) => daysAgo(d.day, items[0]!.getTime()))).toEqual([0, 1, 2]);
});

test("alarms are mixed in where they were raised, but not those older than the events that are known", () => {
  const event = (id: string, at: string) => ({ id, at }) as EventView;
  const events = [event("new", "2026-12-01T08:00:02.000Z"), event("old", "2026-12-01T08:00:00.000Z")];
  const alarms = [alarm({ id: "a" }), alarm({ id: "gone", at: "2026-12-01T07:00:00.000Z" })];
  const names = (since: string | null) =>
    mixed(events, alarms, since).map((h) => (h.kind === "event" ? h.event.id : h.alarm.id));
  expect(names("2026-12-01T08:00:00.000Z")).toEqual(["new", "a", "old"]);
  expect(names(null)).toEqual(["new", "a", "old", "gone"]);
});

describe("alarms", () => {
  test("those that are not closed are looked for unless the address says otherwise", () => {
    const of = (text: string) => alarmQueryOf(parseAlarmFilter(new URLSearchParams(text)));
    expect(of("")).toEqual({ state: ["open", "acknowledged"] });
    expect(of("state=closed&severity=critical&owner=guard")).toEqual({
      state: ["closed"],
      severity: "critical",
      assignedTo: "guard",
    });
    expect(of("state=all&severity=terrible")).toEqual({});
    const written = writeAlarmFilter(new URLSearchParams("alarm=7&state=all"), {
      state: "unclosed",
      severity: "info",
      owner: null,
    });
    expect(written.toString()).toBe("alarm=7&severity=info");
  });

  test("show at once what the server will make of them", () => {
    const at = "2026-12-01T08:01:00.000Z";
    expect(changed(alarm(), { kind: "acknowledge" }, "me", at)).toMatchObject({
      state: "acknowledged",
      acknowledgedBy: "me",
      assignedTo: "me",
      escalateAt: null,
    });
    expect(changed(alarm({ assignedTo: "guard" }), { kind: "acknowledge" }, "me", at).assignedTo).toBe("guard");
    expect(changed(alarm(), { kind: "close" }, "me", at)).toMatchObject({ state: "closed", acknowledgedBy: "me" });
    expect(changed(alarm(), { kind: "assign", to: null }, "me", at).assignedTo).toBeNull();
    expect(changed(alarm(), { kind: "comment", text: "Wind" }, "me", at).comments).toEqual([
      { by: "me", at, text: "Wind" },
    ]);
  });

  test("tell what was done in its order; closing what nobody acknowledged is one deed", () => {
    const closed = alarm({
      acknowledgedBy: "me",
      acknowledgedAt: "2026-12-01T08:03:00.000Z",
      closedBy: "me",
      closedAt: "2026-12-01T08:03:00.000Z",
      comments: [{ by: "guard", at: "2026-12-01T08:02:00.000Z", text: "Wind" }],
    });
    const audited = [
      { at: "2026-12-01T08:01:00.000Z", actor: "boss", action: "alarm.assigned", value: "guard" },
      { at: "2026-12-01T08:02:00.000Z", actor: "guard", action: "alarm.commented", value: "Wind" },
    ];
    expect(historyOf(closed, audited).map((d) => [d.by, d.what, d.text])).toEqual([
      [null, "Raised by the rule Fence", null],
      ["boss", "gave it to guard", null],
      ["guard", "wrote", "Wind"],
      ["me", "closed it", null],
    ]);
  });
});
