import { expect, test } from "vitest";
import { ApiError } from "@/api/problem";
import { unshownProblems } from "./unshownProblems";

const refused = (...fields: string[]) =>
  new ApiError({
    status: 400,
    code: "invalidFields",
    title: "Some fields are wrong",
    fields: fields.map((field) => ({ field, code: "invalidValue", message: "Use another" })),
  });

test("a problem of an input that is there is said at the input alone", () => {
  expect(unshownProblems(refused("name", "recording.mode"), ["name", "recordingChoice"])).toEqual([]);
});

test("a problem that no input shows is said with its field", () => {
  expect(
    unshownProblems(refused("name", "recording.stream", "recording.schedule[2].from"), ["name", "schedule"]),
  ).toEqual(["recording.stream: Use another", "recording.schedule[2].from: Use another"]);
});

test("an input that is not open shows nothing", () => {
  expect(unshownProblems(refused("recording.preRoll"), ["name"])).toEqual(["recording.preRoll: Use another"]);
});

test("what is of no field is said as it is", () => {
  expect(unshownProblems(new ApiError({ status: 503, code: "away", title: "Not now" }), ["name"])).toEqual(["Not now"]);
  expect(unshownProblems(new Error("Gone"), [])).toEqual(["Gone"]);
});
