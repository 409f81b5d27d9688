import { expect, test } from "vitest";
import { makePassword } from "./makePassword";

test("a made password is long enough, is read without doubt, and is another each time", () => {
  const made = Array.from({ length: 50 }, makePassword);
  for (const password of made) expect(password).toMatch(/^([a-km-zA-HJ-NP-Z2-9]{4}-){3}[a-km-zA-HJ-NP-Z2-9]{4}$/);
  expect(new Set(made).size).toBe(50);
});
