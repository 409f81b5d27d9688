import { expect, test } from "vitest";
import { cameraLink } from "./peerAddress";

const quay = { id: "cam1", name: "Quay & lock" };

test("a camera of this server opens on its own page, or where it plays", () => {
  const here = { id: "here", name: "Head office" };
  expect(cameraLink(here, quay)).toBe("/cameras/cam1");
  expect(cameraLink(here, quay, "2026-11-30T10:00:00Z")).toBe("/playback?camera=cam1&at=2026-11-30T10%3A00%3A00Z");
});

test("a camera of another server says in its address which one it is", () => {
  const harbour = { id: "h7", name: "Harbour" };
  expect(cameraLink(harbour, quay)).toBe("/cameras/others/h7/cam1?name=Quay+%26+lock&of=Harbour");
  expect(cameraLink(harbour, quay, "2026-11-30T10:00:00Z")).toBe(
    "/cameras/others/h7/cam1?name=Quay+%26+lock&of=Harbour&at=2026-11-30T10%3A00%3A00Z",
  );
});
