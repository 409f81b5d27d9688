import { describe, expect, it } from "vitest";
import type { FoundObject } from "@/api/tracks";
import { FoundHistory, holdMs } from "./FoundHistory";

const person = (x: number, id = "1"): FoundObject => ({
  id,
  class: "person",
  confidence: 0.9,
  box: [x, 0.2, 0.1, 0.4],
  moving: true,
});

/** Times in milliseconds, as players have them. */
function historyOf(...looks: [at: number, ...objects: FoundObject[]][]) {
  const history = new FoundHistory();
  for (const [at, ...tracks] of looks) history.add({ at: at * 1000, tracks });
  return history;
}
const lefts = (history: FoundHistory, at: number) => history.at(at).objects.map((o) => Number(o.box[0].toFixed(4)));

describe("what was found, on the picture that is shown", () => {
  it("waits for the picture that it was found in", () => {
    const history = historyOf([1_000, person(0.3)]);
    expect(lefts(history, 999)).toEqual([]);
    expect(lefts(history, 1_000)).toEqual([0.3]);
  });

  it("is between two pictures on its way from the one to the other", () => {
    const history = historyOf([1_000, person(0.2)], [1_200, person(0.4)]);
    expect(lefts(history, 1_050)).toEqual([0.25]);
    expect(history.at(1_150)).toMatchObject({ behindMs: 0 });
    expect(lefts(history, 1_150)).toEqual([0.35]);
  });

  it("is where it was last when the picture is ahead, and says by how much", () => {
    const history = historyOf([1_000, person(0.2)], [1_200, person(0.4)]);
    expect(lefts(history, 1_450)).toEqual([0.4]);
    expect(history.at(1_450).behindMs).toBe(250);
  });

  it("is not shown on a picture that it says nothing of any more", () => {
    const history = historyOf([1_000, person(0.2)]);
    expect(lefts(history, 1_000 + holdMs)).toEqual([0.2]);
    expect(lefts(history, 1_001 + holdMs)).toEqual([]);
  });

  it("is gone from the picture on in which nothing was found any more", () => {
    const history = historyOf([1_000, person(0.2)], [1_200]);
    expect(lefts(history, 1_199)).toEqual([0.2]);
    expect(lefts(history, 1_200)).toEqual([]);
  });

  it("follows each object by its id, whatever the order", () => {
    const history = historyOf([0, person(0.1, "a"), person(0.8, "b")], [200, person(0.6, "b"), person(0.3, "a")]);
    expect(lefts(history, 100)).toEqual([0.2, 0.7]);
  });

  it("invents no way between pictures that lie far apart", () => {
    const history = historyOf([0, person(0.1)], [10_000, person(0.9)]);
    expect(lefts(history, 500)).toEqual([0.1]);
    expect(lefts(history, 5_000)).toEqual([]);
  });

  it("takes messages in any order, and one that is told again once", () => {
    const history = historyOf([1_200, person(0.4)], [1_000, person(0.2)], [1_200, person(0.6)]);
    expect(lefts(history, 1_100)).toEqual([0.4]);
    expect(lefts(history, 1_200)).toEqual([0.6]);
  });

  it("forgets what no player shows any more, and has another version after each message", () => {
    const history = historyOf([1_000, person(0.2)]);
    const before = history.version;
    history.add({ at: 30_000_000, tracks: [person(0.5)] });
    expect(history.version).not.toBe(before);
    expect(lefts(history, 1_000)).toEqual([]);
  });
});
