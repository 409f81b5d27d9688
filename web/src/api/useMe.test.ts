import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { Me, Permission } from "./types";
import { mayFor, mayOf, ofWholeTenant } from "./useMe";

const onOneCamera = (...permissions: Permission[]): Me => ({
  id: "1",
  username: "eva",
  role: "",
  tenantId: "default",
  permissions,
  scopes: [{ scope: "camera", scopeId: "gate", permissions }],
});

test("what holds for one camera opens no page about everything", () => {
  const me = onOneCamera("live.view", "system.read");
  expect(mayOf(me, "live.view")).toBe(true);
  expect(mayOf(me, "system.read")).toBe(false);
});

test("what holds for the whole tenant does", () => {
  const me = onOneCamera("system.read");
  expect(
    mayOf({ ...me, scopes: [{ scope: "tenant", scopeId: null, permissions: ["system.read"] }] }, "system.read"),
  ).toBe(true);
});

test("a right on one camera, site or group says nothing about the others", () => {
  const gate = { id: "gate", siteId: "north", groupIds: [] };
  const yard = { id: "yard", siteId: "south", groupIds: ["outside"] };
  const of = (scope: string, scopeId: string | null): Me => ({
    ...onOneCamera("ptz.control"),
    scopes: [{ scope, scopeId, permissions: ["ptz.control"] }],
  });
  const both = (me: Me) => [gate, yard].map((camera) => mayFor(me, "ptz.control", camera));
  expect(both(of("tenant", null))).toEqual([true, true]);
  expect(both(of("site", "north"))).toEqual([true, false]);
  expect(both(of("group", "outside"))).toEqual([false, true]);
  expect(both(of("camera", "gate"))).toEqual([true, false]);
  expect(mayFor(of("tenant", null), "imaging.write", gate)).toBe(false);
});

interface Operation {
  "x-permission"?: Permission;
  "x-scope"?: string;
}

test("the permissions that count for the whole tenant alone are those of the API's document", () => {
  const { paths } = JSON.parse(readFileSync("../docs/ref/openapi.json", "utf8")) as {
    paths: Record<string, Record<string, Operation>>;
  };
  const scopes = new Map<Permission, Set<string>>();
  for (const operation of Object.values(paths).flatMap((p) => Object.values(p))) {
    const permission = operation["x-permission"];
    if (permission) scopes.set(permission, (scopes.get(permission) ?? new Set()).add(operation["x-scope"] ?? ""));
  }
  for (const [permission, asked] of scopes) {
    if (ofWholeTenant.has(permission)) expect([...asked], permission).toContain("tenant");
    else expect([...asked], permission).not.toEqual(["tenant"]);
  }
  expect(scopes.size).toBeGreaterThan(15);
});
