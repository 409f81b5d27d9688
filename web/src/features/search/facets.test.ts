import { expect, it } from "vitest";
import { facetsOf, shapeNames } from "./facets";

it("classes that were seen come first, then what is chosen, then what could have been", () => {
  const names = facetsOf(
    [
      { name: "car", total: 9 },
      { name: null, total: 4 },
      { name: "trolley", total: 2 },
    ],
    ["horse"],
  ).map((f) => `${f.name} ${f.total}`);
  expect(names.slice(0, 4)).toEqual(["car 9", "trolley 2", "horse 0", "person 0"]);
  expect(new Set(names).size).toBe(names.length);
});

it("zones and lines are those of the chosen cameras, and of those in chosen groups", () => {
  const camera = (id: string, zones: string[], lines: string[]) =>
    ({ id, analytics: { zones: zones.map((name) => ({ name })), lines: lines.map((name) => ({ name })) } }) as never;
  const cameras = [camera("a", ["Ramp", "Door"], []), camera("b", ["Ramp"], ["Gate"]), camera("c", [], ["Fence"])];
  const groups = [
    { id: "g", name: "", cameraIds: ["b"], groups: [{ id: "h", name: "", cameraIds: ["c"], groups: [] }] },
  ];
  const of = (chosen: string[], inGroups: string[]) =>
    shapeNames(cameras, { cameras: chosen, groups: inGroups }, groups as never);
  expect(of([], [])).toEqual({ zones: ["Door", "Ramp"], lines: ["Fence", "Gate"] });
  expect(of(["a"], [])).toEqual({ zones: ["Door", "Ramp"], lines: [] });
  expect(of([], ["g"])).toEqual({ zones: ["Ramp"], lines: ["Fence", "Gate"] });
  expect(of([], ["gone"])).toEqual({ zones: [], lines: [] });
});
