import { expect, test } from "vitest";
import { hasKind, kindNames, kinds, otherTypes, withKind } from "./kinds";
import { words } from "./words";

test("every kind has a word", () => {
  expect(kindNames.filter((kind) => !words.kinds[kind])).toEqual([]);
});

test("a kind is there with all its types, and goes with all of them", () => {
  const types = withKind(["motion"], "recording", true);
  expect(types).toEqual(["motion", ...kinds.recording]);
  expect(hasKind(types, "recording")).toBe(true);
  expect(hasKind(["recording.*"], "recording")).toBe(false);
  expect(withKind(types, "recording", false)).toEqual(["motion"]);
});

test("what another program has set is neither hidden nor lost", () => {
  expect(otherTypes(["motion", "object.person", "storage.*", "door.opened"])).toEqual([
    "object.person",
    "storage.*",
    "door.opened",
  ]);
  expect(withKind(["object.person"], "lines", true)).toEqual(["object.person", "line.*"]);
});
