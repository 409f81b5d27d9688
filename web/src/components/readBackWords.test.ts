import { expect, test } from "vitest";
import type { Camera, ReadBack } from "@/api/types";
import { lastReadBack, readBackTrouble } from "./readBackWords";

const camera = (name: string, readBack: ReadBack | null) => ({ name, recording: { readBack } }) as Camera;
const read = (at: string, result: ReadBack["result"]): ReadBack => ({ at, from: at, result, detail: null });

test("only what is wrong is trouble", () => {
  expect(readBackTrouble(camera("a", null))).toBeNull();
  expect(readBackTrouble(camera("a", read("2026-11-30T12:00:00Z", "good")))).toBeNull();
  expect(readBackTrouble(camera("a", read("2026-11-30T12:00:00Z", "notDecoded")))).toBeNull();
  expect(readBackTrouble(camera("a", read("2026-11-30T12:00:00Z", "altered")))).toContain("something else");
});

test("the newest reading back is the last one, whatever the order of the cameras", () => {
  expect(lastReadBack([camera("a", null)])).toBeNull();
  const cameras = [
    camera("a", read("2026-11-30T12:01:00Z", "good")),
    camera("b", read("2026-11-30T12:02:00.500Z", "gone")),
    camera("c", read("2026-11-30T12:00:00Z", "good")),
  ];
  expect(lastReadBack(cameras)?.camera.name).toBe("b");
});
