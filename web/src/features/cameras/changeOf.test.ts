import { expect, test } from "vitest";
import { changeOf } from "./changeOf";

const form = (values: Record<string, string>) => {
  const data = new FormData();
  const empty = {
    mode: "",
    stream: "",
    minAgeDays: "",
    maxAgeDays: "",
    username: "",
    password: "",
    transport: "",
    enabled: "",
  };
  for (const [name, value] of Object.entries({ ...empty, ...values })) data.set(name, value);
  return data;
};

test("what nobody touched is not sent", () => {
  expect(changeOf(form({}))).toEqual({});
  expect(changeOf(form({ password: "x" }))).toEqual({ password: "x" });
});

test("a mode for many ends their schedules, and days alone do not", () => {
  expect(changeOf(form({ mode: "motion" }))).toEqual({ recording: { mode: "motion", schedule: null } });
  expect(changeOf(form({ maxAgeDays: "14" }))).toEqual({ recording: { retention: { maxAgeDays: 14 } } });
});

test("switching off is a change too", () => {
  expect(changeOf(form({ enabled: "false" }))).toEqual({ enabled: false });
});
