import { afterEach, expect, test } from "vitest";
import { chooseLanguage } from "@/i18n/language";
import { pathOf, tableOfWords, textWords, titleWords } from "./messages";

afterEach(() => chooseLanguage(null));

test("the type of the event and the class of the object are said in words, what else is known as it came", () => {
  expect(textWords({ eventType: "line.crossed", text: "line.crossed, person, Gate" })).toBe(
    "Line crossed, Person, Gate",
  );
  expect(textWords({ eventType: "plate.read", text: "plate.read" })).toBe("Number plate");
});

test("a text of the rule's own stays", () => {
  expect(textWords({ eventType: "motion", text: "Look at the gate" })).toBe("Look at the gate");
  expect(textWords({ eventType: null, text: "Anything" })).toBe("Anything");
});

test("what the server says of itself is said in the reader's language, and what somebody has named as it is", () => {
  chooseLanguage("de");
  expect(textWords({ eventType: "camera.offline", text: "camera.offline" })).toBe("Kamera ging offline");
  expect(titleWords("Camera offline: Door")).toBe("Kamera nicht erreichbar: Door");
  expect(titleWords("Not acknowledged: Camera offline")).toBe("Nicht quittiert: Kamera nicht erreichbar");
  expect(titleWords("Camera offline at night: Door")).toBe("Camera offline at night: Door");
  expect(titleWords("Fence: Yard")).toBe("Fence: Yard");
  expect(tableOfWords().types["camera.offline"]).toBe("Kamera ging offline");
});

test("only our own pages are opened", () => {
  expect(
    ["/events?event=1", "//evil.example", "/\\evil.example", "/\t/evil.example", "https://evil.example", null, 7].map(
      pathOf,
    ),
  ).toEqual(["/events?event=1", "/", "/", "/", "/", "/", "/"]);
});
