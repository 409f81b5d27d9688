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
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  });

  test("of all windows that hear the same, one shows it", async () => {
    const claims = await Promise.all([claim("e1"), claim("e1"), claim("e1"), claim("e2")]);
    expect(claims.filter(Boolean)).toHaveLength(2);
    expect(await claim("e1")).toBe(false);
  });

  test("what is told again half a minute later is shown again", async () => {
    const began = Date.now();
    expect(await claim("e1")).toBe(true);
    vi.spyOn(Date, "now").mockReturnValue(began + 31_000);
    expect([await claim("e1"), await claim("e1")]).toEqual([true, false]);
  });

  test("what is kept there by others, or has no room there, silences nothing", async () => {
    for (const kept of ["{", "7", '["e1"]']) {
      localStorage.setItem("vms.told", kept);
      expect(await claim("e1")).toBe(true);
    }
    const setItem = localStorage.setItem.bind(localStorage);
    vi.spyOn(Storage.prototype, "setItem").mockImplementation((key, value) => {
      if (key === "vms.told") throw new DOMException("full", "QuotaExceededError");
      setItem(key, value);
    });
    expect(await claim("e9")).toBe(true);
  });
});
