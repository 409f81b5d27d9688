import { describe, expect, it } from "vitest";
import { readProducerTime } from "./producerTime";

/** 2026-01-01T00:00:00.500Z at 2 s of the timeline, as the server writes it. */
function fragment(type = "prft", seconds = 1_767_225_600 + 2_208_988_800): ArrayBuffer {
  const view = new DataView(new ArrayBuffer(40));
  view.setUint32(0, 32);
  [...type].forEach((letter, i) => view.setUint8(4 + i, letter.charCodeAt(0)));
  view.setUint32(8, 0x0100_0018);
  view.setUint32(12, 1);
  view.setUint32(16, seconds);
  view.setUint32(20, 0x8000_0000);
  view.setBigUint64(24, 180_000n);
  return view.buffer;
}

describe("the capture time of a fragment", () => {
  it("stands in its prft box", () => {
    expect(readProducerTime(fragment())).toEqual({ captured: Date.parse("2026-01-01T00:00:00.500Z"), mediaTime: 2 });
  });

  it("goes on in the era that begins in 2036", () => {
    expect(new Date(readProducerTime(fragment("prft", 0))!.captured).toISOString()).toBe("2036-02-07T06:28:16.500Z");
  });

  it("is not known of other boxes and of too few bytes", () => {
    expect(readProducerTime(fragment("moof"))).toBeNull();
    expect(readProducerTime(new ArrayBuffer(31))).toBeNull();
  });
});
