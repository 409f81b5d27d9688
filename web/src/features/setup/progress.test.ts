import { afterEach, expect, test } from "vitest";
import { forgetSetup, rememberStep, stepAt } from "./progress";

afterEach(forgetSetup);

test("the link of the first start makes an administrator, whoever else is signed in", () => {
  rememberStep("recording");
  expect(stepAt(true, true, null)).toBe("administrator");
});

test("a set-up that was left goes on where it was, or where the address says", () => {
  rememberStep("cameras");
  expect(stepAt(false, true, null)).toBe("cameras");
  expect(stepAt(false, true, "storage")).toBe("storage");
});

test("nobody becomes administrator without the link", () => {
  expect(stepAt(false, false, "administrator")).toBeNull();
  expect(stepAt(false, false, "cameras")).toBeNull();
  expect(stepAt(false, true, "administrator")).toBe("storage");
});
