import { readFileSync } from "node:fs";
import { beforeEach, expect, test, vi } from "vitest";

let systemIsLight = false;
let systemChanged = () => {};

beforeEach(async () => {
  localStorage.clear();
  systemIsLight = false;
  vi.resetModules();
  vi.stubGlobal("matchMedia", () => ({
    get matches() {
      return systemIsLight;
    },
    addEventListener: (_: string, listener: () => void) => (systemChanged = listener),
  }));
});

const seen = () => document.documentElement.dataset["theme"];

test("it is as the system has it until somebody chooses, and again after that", async () => {
  const { chooseTheme, followTheme, theme } = await import("./theme");
  followTheme();
  expect([theme(), seen()]).toEqual(["system", "dark"]);
  systemIsLight = true;
  systemChanged();
  expect(seen()).toBe("light");
  chooseTheme("dark");
  systemChanged();
  expect([theme(), seen()]).toEqual(["dark", "dark"]);
  chooseTheme("system");
  expect([theme(), seen()]).toEqual(["system", "light"]);
});

test("another tab's choice is this one's", async () => {
  const { followTheme } = await import("./theme");
  followTheme();
  localStorage.setItem("vms.theme", "light");
  window.dispatchEvent(new StorageEvent("storage", { key: "vms.theme", newValue: "light" }));
  expect(seen()).toBe("light");
});

test.each([
  ["light", false, "light"],
  ["dark", true, "dark"],
  [null, true, "light"],
  ["nonsense", false, "dark"],
])("before the first paint a page that keeps %j on a light system (%s) is %s", (kept, light, expected) => {
  systemIsLight = light;
  if (kept) localStorage.setItem("vms.theme", kept);
  new Function(readFileSync("public/theme.js", "utf8"))();
  expect(seen()).toBe(expected);
});
