import { beforeEach, describe, expect, it } from "vitest";
import { rememberVolume, rememberedVolume } from "./volume";

describe("the volume", () => {
  beforeEach(() => localStorage.clear());

  it("is remembered", () => {
    rememberVolume(0.35);
    expect(rememberedVolume()).toBe(0.35);
  });

  it("is not remembered as zero: who switches the sound on wants to hear it", () => {
    rememberVolume(0.5);
    rememberVolume(0);
    expect(rememberedVolume()).toBe(0.5);
  });

  it.each(["loud", "-1", "7", ""])("is the usual one instead of %j", (stored) => {
    localStorage.setItem("vms.volume", stored);
    expect(rememberedVolume()).toBe(0.8);
  });
});
