import { expect, test } from "vitest";
import { withChange, type ImagingView } from "./device";

const view: ImagingView = {
  brightness: { value: 50, min: 0, max: 100 },
  contrast: null,
  saturation: null,
  sharpness: null,
  irCut: { value: "auto", values: ["auto", "on"] },
  wideDynamicRange: { on: false, level: { value: 20, min: 0, max: 100 } },
  backlightCompensation: null,
  focus: null,
};

test("what is sent is shown before the device has answered, and nothing else changes", () => {
  expect(withChange(view, { brightness: 70 })).toEqual({ ...view, brightness: { value: 70, min: 0, max: 100 } });
  expect(withChange(view, { wideDynamicRange: { on: true } }).wideDynamicRange).toEqual({
    ...view.wideDynamicRange,
    on: true,
  });
});

test("what a device does not have does not appear by being asked for", () => {
  expect(withChange(view, { contrast: 10, focus: { mode: "auto" } })).toEqual(view);
});
