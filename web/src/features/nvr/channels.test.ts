import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { signOut } from "@/api/signIn";
import { firstChoice, hostAndPort } from "./channels";
import { keepTyped, typedFor } from "./justTyped";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("what is no camera yet and not offline is chosen at first", () => {
  const channels = [
    { channel: "1", online: true, cameraId: "abc" },
    { channel: "2", online: true, cameraId: null },
    { channel: "4", online: false, cameraId: null },
    { channel: "7", online: null, cameraId: null },
  ];
  expect(firstChoice(channels)).toEqual(["2", "7"]);
});

test.each([
  ["192.168.1.5", { ip: "192.168.1.5" }],
  ["192.168.1.5:8000", { ip: "192.168.1.5", port: 8000 }],
  ["[fd00::5]:8000", { ip: "fd00::5", port: 8000 }],
  ["fd00::5", { ip: "fd00::5" }],
])("the address %s is taken apart", (address, parts) => {
  expect(hostAndPort(address)).toEqual(parts);
});

test("a password that was typed is forgotten after ten minutes", () => {
  keepTyped("n1", { username: "eva", password: "x" });
  vi.advanceTimersByTime(9 * 60_000);
  expect(typedFor("n1")?.username).toBe("eva");
  vi.advanceTimersByTime(2 * 60_000);
  expect(typedFor("n1")).toBeNull();
});

test("a password that was typed is forgotten with the sign-in of whoever typed it", async () => {
  keepTyped("n1", { username: "eva", password: "x" });
  await signOut();
  expect(typedFor("n1")).toBeNull();
});
