import { expect, test } from "vitest";
import { pathOf, textWords } from "./messages";

test("the type of the event is said in words, what else is known as it came", () => {
  expect(textWords({ eventType: "line.crossed", text: "line.crossed, person, Gate" })).toBe(
    "Line crossed, person, Gate",
  );
  expect(textWords({ eventType: "plate.read", text: "plate.read" })).toBe("Number plate");
});

test("a text of the rule's own stays", () => {
  expect(textWords({ eventType: "motion", text: "Look at the gate" })).toBe("Look at the gate");
  expect(textWords({ eventType: null, text: "Anything" })).toBe("Anything");
});

test("only our own pages are opened", () => {
  expect(
    ["/events?event=1", "//evil.example", "/\\evil.example", "/\t/evil.example", "https://evil.example", null, 7].map(
      pathOf,
    ),
  ).toEqual(["/events?event=1", "/", "/", "/", "/", "/", "/"]);
});
