import { expect, test } from "vitest";
import type { Device } from "@/api/device";
import { csvOf, matching, modelsOf, sorted } from "./inventory";

const device = (cameraName: string, more: Partial<Device> = {}): Device => ({
  cameraId: cameraName,
  cameraName,
  siteId: "default",
  onvif: true,
  maker: "Acme",
  model: "A1",
  firmware: "1.9",
  serialNumber: null,
  address: "10.0.0.1:80",
  clockOffsetMs: 0,
  checkedAt: null,
  problem: null,
  changedAt: null,
  ...more,
});
const unknown = { maker: null, model: null, firmware: null };

test("models are counted with their firmwares, and what is not known comes last", () => {
  const devices = [
    device("x", unknown),
    device("y", unknown),
    device("a"),
    device("b"),
    device("c", { firmware: "1.10" }),
    device("d", { model: "B" }),
  ];
  expect(modelsOf(devices)).toEqual([
    {
      maker: "Acme",
      model: "A1",
      count: 3,
      firmwares: [
        ["1.9", 2],
        ["1.10", 1],
      ],
    },
    { maker: "Acme", model: "B", count: 1, firmwares: [["1.9", 1]] },
    { maker: null, model: null, count: 2, firmwares: [] },
  ]);
});

test("every word is looked for in what is shown", () => {
  const devices = [device("Gate"), device("Yard", { firmware: "2.0" })];
  expect(matching(devices, "acme 2.0").map((d) => d.cameraName)).toEqual(["Yard"]);
  expect(matching(devices, "acme 3")).toEqual([]);
  expect(matching(devices, " ")).toHaveLength(2);
});

test("versions are ordered as numbers, and what is not known stands at the end both ways", () => {
  const devices = [device("a", { firmware: "1.10" }), device("b", unknown), device("c", { firmware: "1.9" })];
  expect(sorted(devices, "firmware", false).map((d) => d.cameraName)).toEqual(["c", "a", "b"]);
  expect(sorted(devices, "firmware", true).map((d) => d.cameraName)).toEqual(["a", "c", "b"]);
});

test("a name that a spreadsheet would compute is text in the file", () => {
  const heads = { cameraName: "C", maker: "M", model: "O", firmware: "F", serialNumber: "S", address: "A" };
  expect(csvOf([device('=1,"2"', { serialNumber: "07" })], heads)).toBe(
    'C,M,O,F,S,A\r\n"\'=1,""2""",Acme,A1,1.9,07,10.0.0.1:80\r\n',
  );
});
