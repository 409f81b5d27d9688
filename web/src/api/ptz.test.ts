import { expect, test } from "vitest";
import { ApiError } from "./problem";
import { ptzRefreshMs } from "./ptz";

test.each([
  ["while it answers, often", null, 2_000],
  ["when the device does not answer, seldom", 502, 30_000],
  ["when this account may not, not any more", 403, false],
  ["when it cannot be steered, not any more", 409, false],
  ["when the server was asked too often, seldom", 429, 30_000],
])("where a camera looks is asked: %s", (_, status, wanted) => {
  const error = status === null ? null : new ApiError({ status, code: "x", title: "x" });
  expect(ptzRefreshMs(error)).toBe(wanted);
});
