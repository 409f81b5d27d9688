import { expect, test } from "vitest";
import { chosen, matches, nothing } from "./selection";

const list = ["a", "b", "c", "d", "e"];
const ids = (selection: { ids: ReadonlySet<string> }) => [...selection.ids].sort().join("");

test("with Shift all between are chosen, in either direction, and let go alike", () => {
  const first = chosen(nothing, list, "d", true, false);
  const range = chosen(first, list, "b", true, true);
  expect(ids(range)).toBe("bcd");
  expect(ids(chosen(range, list, "c", false, true))).toBe("d");
});

test("Shift on the first one, or after the last one has left the list, chooses one", () => {
  expect(ids(chosen(nothing, list, "c", true, true))).toBe("c");
  expect(ids(chosen({ ids: new Set(), last: "gone" }, list, "c", true, true))).toBe("c");
});

test("a camera is found by parts of its name and its address", () => {
  const camera = { name: "Car park north", mainUrl: "rtsp://10.0.0.7/main" };
  expect(["", "PARK", "north car", "0.0.7", "park 10.0"].every((q) => matches(camera, q))).toBe(true);
  expect(matches(camera, "park south")).toBe(false);
});
