import { expect, test } from "vitest";
import type { StreamStatus } from "@/api/health";
import { lossOf, withLook, type Look } from "./history";

const stream = (packets: number | null, lostPackets: number) =>
  ({ cameraId: "cam_a", stream: "main", fps: 25, packets, lostPackets }) as StreamStatus;

const after = (...counts: [number, number][]) =>
  counts.reduce<readonly Look[]>(
    (history, [packets, lost], i) => withLook(history, stream(packets, lost), i * 10_000),
    [],
  );

test("loss is that of the looks, not of all that ever was", () => {
  expect(lossOf(after([10_000, 500]))).toBeNull();
  expect(lossOf(after([10_000, 500], [10_990, 510]))).toBeCloseTo(0.01);
  expect(lossOf(after([10_000, 500], [10_000, 500]))).toBeNull();
});

test("a media plane that was started anew begins anew, and is no negative loss", () => {
  expect(after([10_000, 500], [90, 0])).toHaveLength(1);
  expect(lossOf(after([10_000, 500], [90, 0], [180, 10]))).toBeCloseTo(0.1);
});

test("the same answer again is no other look, and without a report there is none", () => {
  const one = after([10, 0]);
  expect(withLook(one, stream(10, 0), 0)).toBe(one);
  expect(withLook(one, stream(null, 0), 10_000)).toBe(one);
});

test("ten minutes are kept", () => {
  expect(after(...Array.from({ length: 80 }, (_, i): [number, number] => [i, 0]))).toHaveLength(60);
});
