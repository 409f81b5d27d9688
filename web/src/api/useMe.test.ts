import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { Me, Permission } from "./types";
import { mayOf, ofWholeTenant } from "./useMe";

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
