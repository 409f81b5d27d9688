import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { claim } from "./claim";

/** As browsers have them: whoever asks for the same one waits for the one before. */
class Locks {
  #last: Promise<unknown> = Promise.resolve();
  request(_: string, work: () => unknown) {
    return (this.#last = this.#last.then(work));
  }
}

describe.each([
  ["with Web Locks", () => new Locks()],
  ["over plain HTTP, where there are none", () => undefined],
])("%s", (_, locks) => {
  beforeEach(() => {
    localStorage.clear();
    vi.stubGlobal("navigator", { locks: locks() });
  });
  afterEach(() => vi.unstubAllGlobals());

  test("of all windows that hear the same, one shows it", async () => {
    const claims = await Promise.all([claim("e1"), claim("e1"), claim("e1"), claim("e2")]);
    expect(claims.filter(Boolean)).toHaveLength(2);
    expect(await claim("e1")).toBe(false);
  });
});
