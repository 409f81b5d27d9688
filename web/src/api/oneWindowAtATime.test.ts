import { beforeEach, describe, expect, it } from "vitest";
import { oneWindowAtATime } from "./oneWindowAtATime";

describe("oneWindowAtATime", () => {
  beforeEach(() => localStorage.clear());

  it("runs one after the other, however many begin at once", async () => {
    let inside = 0;
    let most = 0;
    const work = async () => {
      most = Math.max(most, ++inside);
      await new Promise((done) => setTimeout(done, 5));
      inside--;
    };
    await Promise.all(Array.from({ length: 5 }, () => oneWindowAtATime(work)));
    expect(most).toBe(1);
    expect(localStorage.length).toBe(0);
  });

  it("goes on after a window that was closed in the middle of it, and after one that failed", async () => {
    localStorage.setItem("vms.refreshing", `gone ${Date.now() - 1}`);
    await expect(oneWindowAtATime(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(await oneWindowAtATime(() => Promise.resolve(7))).toBe(7);
  });
});
