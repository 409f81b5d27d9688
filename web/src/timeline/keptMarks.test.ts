import { expect, test } from "vitest";
import { keptAt, keptWords, type KeptMark } from "./keptMarks";

const hold: KeptMark = { kind: "hold", from: 0, to: 1000, title: "Case 7" };
const moment: KeptMark = { kind: "bookmark", from: 500, to: 500, title: "Van" };

test("a moment is found in a hold around it, and the hold beside it", () => {
  expect(keptAt([hold, moment], 505, 10)).toBe(moment);
  expect(keptAt([hold, moment], 600, 10)).toBe(hold);
  expect(keptAt([hold, moment], 1011, 10)).toBeNull();
});

test("a hold says that it is one", () => {
  expect(keptWords(hold)).toBe("Legal hold: Case 7");
  expect(keptWords(moment)).toBe("Van");
});
