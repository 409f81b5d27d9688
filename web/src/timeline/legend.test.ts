import { expect, test } from "vitest";
import { noFootage, type Footage, type Gap } from "./footage";
import { legendOf } from "./legend";

const view = { from: 1000, to: 2000 };
const lane = (part: Partial<Footage>) => ({ footage: { ...noFootage, ...part } });
const loss = (from: number, to: number): Gap => ({ from, to, cause: "cameraOffline" });

test("only what is in view is explained", () => {
  const lanes = [
    lane({ byClass: new Map([["continuous", [{ from: 0, to: 3000 }]]]), losses: [loss(0, 999)] }),
    lane({ byClass: new Map([["motion", [{ from: 2000, to: 3000 }]]]), fetched: [{ from: 1500, to: 1600 }] }),
  ];
  expect(legendOf(lanes, view)).toEqual(["continuous", "fetched"]);
  expect(legendOf(lanes, { from: 500, to: 4000 })).toEqual(["continuous", "motion", "fetched", "missing"]);
});

test("what this client does not know is explained as it is painted", () => {
  const spans = [{ from: 0, to: 3000 }];
  expect(legendOf([lane({ byClass: new Map([["later", spans]]) })], view)).toEqual(["continuous"]);
  expect(legendOf([lane({ byClass: new Map([["alarm", spans]]) })], view)).toEqual(["event"]);
});
