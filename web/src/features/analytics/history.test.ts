import { expect, it } from "vitest";
import { begun, changed, redone, undone } from "./history";

it("goes back step by step, and forth again", () => {
  const history = changed(changed(begun("a"), "b", null), "c", null);
  const back = undone(undone(history));
  expect(back.now).toBe("a");
  expect(undone(back).now).toBe("a");
  expect(redone(redone(redone(back))).now).toBe("c");
});

it("undoes what was moved key by key as one step", () => {
  const history = changed(changed(changed(begun(0), 1, "point"), 2, "point"), 9, "other");
  expect(undone(history).now).toBe(2);
  expect(undone(undone(history)).now).toBe(0);
});

it("begins a new step after one was undone, and forgets what was ahead", () => {
  const history = changed(undone(changed(begun(0), 1, "point")), 5, "point");
  expect(history.future).toEqual([]);
  expect(undone(history).now).toBe(0);
});
