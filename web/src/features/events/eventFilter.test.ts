import { describe, expect, test } from "vitest";
import type { EventView } from "@/api/events";
import type { GetTreeGroupNode } from "@/api/tree";
import {
  camerasIn,
  isFiltering,
  matches,
  noFilter,
  parseFilter,
  queryOf,
  writeFilter,
  type EventFilter,
} from "./eventFilter";

const all: EventFilter = {
  cameras: ["a", "b"],
  groups: ["g"],
  types: ["line.crossed", "object.*"],
  class: "person",
  zone: "Yard",
  line: "Gate",
  plate: "B-AB *",
  by: "scene",
  from: "2026-12-01T08:00:00.000Z",
  to: "2026-12-01T09:00:00.000Z",
};

const event = (values: Partial<EventView> = {}): EventView => ({
  id: "e",
  type: "line.crossed",
  cameraId: "a",
  cameraName: "Door",
  siteId: "default",
  siteName: "Default site",
  at: "2026-12-01T08:30:00.000Z",
  endAt: null,
  source: "analytics",
  class: "person",
  confidence: 0.9,
  box: null,
  zone: null,
  line: null,
  plate: null,
  snapshotUrl: null,
  snapshot: null,
  cropUrl: null,
  data: {},
  ...values,
});

const group = (id: string, cameraIds: string[], groups: GetTreeGroupNode[] = []): GetTreeGroupNode => ({
  id,
  name: id,
  cameraIds,
  groups,
});

describe("a filter and its address", () => {
  test("are the same, whatever else stands in the address", () => {
    const search = writeFilter(new URLSearchParams("event=7&camera=old&class=dog"), all);
    expect(search.get("event")).toBe("7");
    expect(parseFilter(search)).toEqual(all);
    expect(parseFilter(writeFilter(search, noFilter))).toEqual(noFilter);
    expect(isFiltering(noFilter)).toBe(false);
    expect(isFiltering({ ...noFilter, types: ["motion"] })).toBe(true);
  });

  test("what cannot be is left out", () => {
    expect(parseFilter(new URLSearchParams("from=yesterday&by=nobody&class="))).toEqual(noFilter);
  });
});

describe("what the server is asked", () => {
  test("groups are named, however many cameras they have", () => {
    expect(queryOf({ ...noFilter, groups: ["g"], cameras: ["3", "9"] })).toEqual({
      groupId: ["g"],
      cameraId: ["3", "9"],
    });
  });

  test("a group is its cameras and those of the groups in it", () => {
    const groups = [group("outer", ["1"], [group("g", ["2"], [group("inner", ["3"])])]), group("other", ["4"])];
    expect([...camerasIn(groups, ["g"])]).toEqual(["2", "3"]);
  });

  test("what is of no matter is not in it", () => {
    expect(queryOf(noFilter)).toEqual({});
    expect(queryOf({ ...noFilter, by: "system" })).toEqual({ reported: false });
  });
});

describe("what the feed tells is compared as the server compares", () => {
  test.each([
    [{ cameraId: ["a", "b"] }, {}, true],
    [{ cameraId: ["b"] }, {}, false],
    [{ cameraId: ["a"] }, { cameraId: null }, false],
    [{ groupId: ["g"] }, { cameraId: "in-g" }, true],
    [{ groupId: ["g"] }, {}, false],
    [{ groupId: ["g"] }, { cameraId: null }, false],
    [{ groupId: ["g"], cameraId: ["a"] }, {}, true],
    [{ type: ["line.*"] }, {}, true],
    [{ type: ["line.cross"] }, {}, false],
    [{ type: ["motion", "line.crossed"] }, {}, true],
    [{ reported: true }, { type: "camera.offline" }, false],
    [{ reported: false }, { type: "camera.offline" }, true],
    [{ reported: true }, { type: "cameraman.seen" }, true],
    [{ class: "dog" }, {}, false],
    [{ zone: "Yard" }, { zone: "Yard" }, true],
    [{ line: "Gate" }, { zone: "Gate" }, false],
    [{ plate: "b-ab *" }, { plate: "BAB123" }, true],
    [{ plate: "?AB" }, { plate: "BAB123" }, false],
    [{ plate: "*" }, {}, false],
    [{ plate: "*ab*12?" }, { plate: "XABYAB123" }, true],
    [{ plate: "*A".repeat(15) + "*B" }, { plate: "A".repeat(200) }, false],
    [{ from: "2026-12-01T08:30:00.000Z" }, {}, true],
    [{ to: "2026-12-01T08:30:00.000Z" }, {}, false],
  ] as const)("%j with %j: %s", (query, values, expected) => {
    const asked = structuredClone(query) as Parameters<typeof matches>[1];
    expect(matches(event(values), asked, new Set(["in-g"]))).toBe(expected);
  });
});
