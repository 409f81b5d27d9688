import { expect, test } from "vitest";
import { clockWords } from "./clock";

test.each([
  [120, "good", "right"],
  [-1400, "good", "1.4 s behind"],
  [13_000, "warn", "13 s ahead"],
  [-3_600_000, "alarm", "60 min behind"],
  [7_200_000, "alarm", "2 h ahead"],
])("an offset of %i ms is %s", (offset, tone, text) => {
  const said = clockWords(offset);
  expect(said.tone).toBe(tone);
  expect(said.text).toContain(text);
});
