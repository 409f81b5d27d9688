import { describe, expect, it } from "vitest";
import { LatestPicture, noPicture, type PictureState } from "./LatestPicture";

function rig() {
  const asked: string[] = [];
  const answers: { arrive: () => void; fail: () => void }[] = [];
  let state: PictureState = noPicture;
  const picture = new LatestPicture(
    (url) => {
      asked.push(url);
      return new Promise<void>((resolve, reject) => answers.push({ arrive: resolve, fail: () => reject(new Error()) }));
    },
    (next) => (state = next),
  );
  const settled = () => new Promise((resolve) => setTimeout(resolve));
  return {
    asked,
    picture,
    state: () => state,
    answer: async (how: "arrive" | "fail") => {
      answers.shift()![how]();
      await settled();
    },
  };
}

describe("LatestPicture", () => {
  it("asks for one picture at a time, and then for the one wanted by then", async () => {
    const { asked, picture, state, answer } = rig();
    for (const url of ["a", "b", "c", "d"]) picture.want(url);
    expect(asked).toEqual(["a"]);
    await answer("arrive");
    expect(state()).toEqual({ shown: "a", loading: true, missing: false });
    expect(asked).toEqual(["a", "d"]);
    await answer("arrive");
    expect(state()).toEqual({ shown: "d", loading: false, missing: false });
  });

  it("keeps the picture before until the wanted one is there, and lets it go where there is none", async () => {
    const { picture, state, answer } = rig();
    picture.want("a");
    await answer("arrive");
    picture.want("b");
    expect(state()).toEqual({ shown: "a", loading: true, missing: false });
    await answer("fail");
    expect(state()).toEqual({ shown: null, loading: false, missing: true });
  });

  it("goes on after a picture that nobody wants any more has failed", async () => {
    const { asked, picture, state, answer } = rig();
    picture.want("a");
    picture.want("b");
    await answer("fail");
    expect(asked).toEqual(["a", "b"]);
    await answer("arrive");
    expect(state().shown).toBe("b");
  });

  it("shows nothing once nothing is wanted, whatever arrives", async () => {
    const { asked, picture, state, answer } = rig();
    picture.want("a");
    picture.want(null);
    await answer("arrive");
    expect(state()).toEqual(noPicture);
    picture.want("a");
    expect(asked).toEqual(["a", "a"]);
  });

  it("takes up what is wanted again while an abandoned picture is still on its way", async () => {
    const { asked, picture, state, answer } = rig();
    picture.want("a");
    picture.want(null);
    picture.want("b");
    expect(asked).toEqual(["a"]);
    await answer("arrive");
    expect(asked).toEqual(["a", "b"]);
    await answer("arrive");
    expect(state().shown).toBe("b");
  });
});
