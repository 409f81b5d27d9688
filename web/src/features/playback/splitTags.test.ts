import { expect, test } from "vitest";
import { splitTags } from "./splitTags";

test("commas part tags, blanks and repetitions do not count", () => {
  expect(splitTags(" delivery, night gate ,, delivery")).toEqual(["delivery", "night gate"]);
  expect(splitTags("  ")).toEqual([]);
});
