import { describe, expect, it } from "vitest";
import { isPlate, merged, normalPlate, parsePlates, rebased, toCsv } from "./plates";

it("plates are compared by capital letters and digits, and may have wildcards", () => {
  expect(normalPlate("b-äb 12?*")).toBe("BÄB12?*");
  expect(["BAB1", "B*", "*", "", "?*", "X".repeat(33)].map(isPlate)).toEqual([true, true, false, false, false, false]);
});

describe("what is pasted", () => {
  it.each([
    ["b-ab 1", [["BAB1", ""]]],
    [
      "B-AB 1;Smith\nM-XY 2;",
      [
        ["BAB1", "Smith"],
        ["MXY2", ""],
      ],
    ],
    ["B-AB 1\tSmith\tsince May", [["BAB1", "Smith since May"]]],
    ['plate,note\r\nBAB1,"Smith, ""Jo"""\r\n', [["BAB1", 'Smith, "Jo"']]],
    ["\ufeffKennzeichen;Notiz\nBAB1;x", [["BAB1", "x"]]],
    ["B-AB*", [["BAB*", ""]]],
  ])("%j is read", (text, entries) =>
    expect(parsePlates(text)).toEqual({ entries: entries.map(([plate, note]) => ({ plate, note })), refused: [] }),
  );

  it("says which lines hold no plate", () =>
    expect(parsePlates("BAB1\n\n---\n*\nMXY2")).toEqual({
      entries: [
        { plate: "BAB1", note: "" },
        { plate: "MXY2", note: "" },
      ],
      refused: [3, 4],
    }));
});

it("what is added twice is there once, and keeps its note", () => {
  const before = [
    { plate: "A1", note: "Smith" },
    { plate: "B2", note: "" },
  ];
  const added = [
    { plate: "A1", note: "" },
    { plate: "B2", note: "Jones" },
    { plate: "C3", note: "" },
  ];
  expect(merged(before, added).map((e) => `${e.plate}:${e.note}`)).toEqual(["A1:Smith", "B2:Jones", "C3:"]);
});

it("a file reads back as it was, and holds no formulas", () => {
  const entries = [
    { plate: "BAB1", note: 'Smith, "Jo"' },
    { plate: "MXY*", note: "" },
    { plate: "C3", note: "=1+1" },
    { plate: "D4", note: "'-5" },
  ];
  expect(parsePlates(toCsv(entries)).entries).toEqual(entries);
  expect(toCsv([{ plate: "A1", note: "=1+1" }])).toBe("plate,note\r\nA1,'=1+1\r\n");
});

describe("what two people change of one list", () => {
  const list = (text: string) => parsePlates(text).entries;
  const began = list("A1\nB2;staff\nC3\nD4");

  it("stands side by side", () =>
    expect(rebased(list("A1\nB2;left\nD4\nE5"), began, list("B2;staff\nC3;guest\nD4;new\nF6"))).toEqual(
      list("B2;left\nD4;new\nF6\nE5"),
    ));

  it("is what is there now where one of them changed nothing", () => {
    expect(rebased(began, began, list("C3\nF6"))).toEqual(list("C3\nF6"));
    expect(rebased(list("C3\nF6"), began, began)).toEqual(list("C3\nF6"));
  });

  it("comes back with a note that one of them gave it, although the other took it away", () =>
    expect(rebased(list("A1;VIP\nB2;staff\nC3\nD4"), began, list("B2;staff"))).toEqual(list("B2;staff\nA1;VIP")));
});
