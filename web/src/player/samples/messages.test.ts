import { describe, expect, it } from "vitest";
import { parseSamples, parseText, readMessage } from "./messages";

const t0 = Date.UTC(2026, 10, 29, 14) * 1000;

/** What the server writes: request, count, then per sample i64 time, u32 duration, flags, length; then the bytes. */
export function samplesMessage(
  request: number,
  samples: { atUs: number; keyframe?: boolean; bytes: number[] }[],
): ArrayBuffer {
  const size = 8 + samples.reduce((sum, s) => sum + 20 + s.bytes.length, 0);
  const view = new DataView(new ArrayBuffer(size));
  view.setUint32(0, request);
  view.setUint32(4, samples.length);
  let [head, body] = [8, 8 + 20 * samples.length];
  for (const { atUs, keyframe, bytes } of samples) {
    view.setBigInt64(head, BigInt(atUs));
    view.setUint32(head + 8, 40_000);
    view.setUint32(head + 12, keyframe ? 1 : 0);
    view.setUint32(head + 16, bytes.length);
    new Uint8Array(view.buffer, body).set(bytes);
    head += 20;
    body += bytes.length;
  }
  return view.buffer;
}

describe("a message of samples", () => {
  it("is read as it was written, without copying", () => {
    const message = samplesMessage(7, [
      { atUs: t0, keyframe: true, bytes: [0, 0, 0, 1, 0x65] },
      { atUs: t0 + 40_000, bytes: [0, 0, 0, 2, 0x41, 0x9a] },
    ]);
    const { request, samples } = parseSamples(message);
    expect(request).toBe(7);
    expect(samples.map(({ atUs, durationUs, keyframe }) => ({ atUs, durationUs, keyframe }))).toEqual([
      { atUs: t0, durationUs: 40_000, keyframe: true },
      { atUs: t0 + 40_000, durationUs: 40_000, keyframe: false },
    ]);
    expect(samples.map((s) => [...s.data])).toEqual([
      [0, 0, 0, 1, 0x65],
      [0, 0, 0, 2, 0x41, 0x9a],
    ]);
    expect(samples[1]!.data.buffer).toBe(message);
  });

  it("may be empty", () => expect(parseSamples(samplesMessage(1, [])).samples).toEqual([]));

  const whole = samplesMessage(7, [{ atUs: t0, keyframe: true, bytes: [1, 2, 3] }]);
  it.each([...Array(whole.byteLength).keys()])("cut off after %i bytes is refused", (length) =>
    expect(() => parseSamples(whole.slice(0, length))).toThrow(RangeError),
  );

  it("with bytes too many is refused", () => {
    const longer = new Uint8Array(whole.byteLength + 1);
    longer.set(new Uint8Array(whole));
    expect(() => parseSamples(longer.buffer)).toThrow(RangeError);
  });

  it("that announces more samples than it can hold is refused before they are read", () => {
    const lying = whole.slice(0);
    new DataView(lying).setUint32(4, 0xffff_ffff);
    expect(() => parseSamples(lying)).toThrow(RangeError);
  });
});

describe("a text message", () => {
  it("tells the format", () =>
    expect(
      parseText(
        '{"type":"format","request":3,"codec":"avc1.64001f","description":"AWQAHw==","width":640,"height":360}',
      ),
    ).toEqual({
      type: "format",
      request: 3,
      format: { codec: "avc1.64001f", description: new Uint8Array([1, 0x64, 0, 0x1f]), width: 640, height: 360 },
    }));

  it.each([
    [
      `{"type":"gop","request":3,"fromUs":${t0},"toUs":${t0 + 1}}`,
      { type: "gop", request: 3, fromUs: t0, toUs: t0 + 1 },
    ],
    ['{"type":"end","request":3,"reason":"noMore"}', { type: "end", request: 3, reason: "noMore" }],
    ['{"type":"problem","request":3,"code":"damaged","detail":"…"}', { type: "problem", request: 3, code: "damaged" }],
    ['{"type":"weather"}', null],
  ])("%s", (text, message) => expect(parseText(text)).toEqual(message));
});

it("a read is asked for as the server reads it", () =>
  expect(JSON.parse(readMessage(9, { atUs: t0, direction: -1, gops: 3, keyframes: true, everyUs: 500_000 }))).toEqual({
    type: "read",
    request: 9,
    atUs: t0,
    direction: -1,
    gops: 3,
    keyframes: true,
    everyUs: 500_000,
  }));
