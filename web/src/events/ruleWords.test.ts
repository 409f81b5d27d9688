import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { chooseLanguage } from "@/i18n/language";
import { calledWords, ruleWords, shippedRules } from "./ruleWords";

afterEach(() => chooseLanguage("en"));

test("every rule that an installation begins with has its word, by its very name", () => {
  const source = readFileSync(
    join(import.meta.dirname, "../../../src/Planes/Vms.Control/Features/Rules/AlertRules.cs"),
    "utf8",
  );
  const made = [...source.matchAll(/^\s+\("([^"]+)", \[/gm)].map(([, name]) => name!);
  expect(made).toContain("Camera offline");
  expect(shippedRules().sort()).toEqual(made.sort());
  expect(made.map(calledWords)).toEqual(made);
});

test("a rule of somebody's, and one that somebody has renamed, is called what it is called", () => {
  chooseLanguage("de");
  expect(ruleWords({ name: "Camera offline", createdBy: "" })).toBe("Kamera nicht erreichbar");
  expect(ruleWords({ name: "Camera offline", createdBy: "eva" })).toBe("Camera offline");
  expect(ruleWords({ name: "Gate", createdBy: "" })).toBe("Gate");
});
