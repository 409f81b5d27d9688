import { expect, test } from "vitest";
import type { ListAuditAuditView } from "@/api/audit";
import { actionGroups, actionWords, detailLines, subjectWords } from "./auditWords";

const entry = (part: Partial<ListAuditAuditView>): ListAuditAuditView => ({
  id: "7",
  at: "2026-11-30T12:00:00Z",
  actor: "admin",
  address: "10.0.0.4",
  action: "user.added",
  subject: "01a2",
  result: "done",
  detail: {},
  ...part,
});

const places = { camera: new Map([["gate", "Gate"]]), site: new Map(), group: new Map() };

test("an entry says what it is about by the name it had then, else by the one it has now, else by its id", () => {
  expect(subjectWords(entry({ detail: { username: "eva" } }), places)).toBe("eva");
  expect(subjectWords(entry({ action: "camera.changed", subject: "gate" }), places)).toBe("Gate");
  expect(subjectWords(entry({ action: "camera.deleted", subject: "gone" }), places)).toBe("gone");
});

test("whoever signs in is not named twice", () => {
  expect(subjectWords(entry({ action: "session.started", subject: "01a2" }), places)).toBeUndefined();
});

test("an action that is not known here keeps the server's name", () => {
  expect(actionWords("user.added")).toBe("added the user");
  expect(actionWords("comet.seen")).toBe("comet.seen");
});

test("the facts of an entry are lines, however deep they stand", () => {
  expect(detailLines({ username: "eva", enabled: true, grants: [{ roleId: "viewer", scopeId: null }] })).toEqual([
    ["username", "eva"],
    ["enabled", "yes"],
    ["grants.0.roleId", "viewer"],
  ]);
});

test("actions stand with what they are about, each once", () => {
  const groups = actionGroups();
  expect(groups[0]).toEqual(["Sign-ins", ["session.started", "session.ended"]]);
  const all = groups.flatMap(([, actions]) => actions);
  expect(new Set(all).size).toBe(all.length);
});
