import { expect, test } from "vitest";
import type { DiscoveredView } from "@/api/discovery";
import { isSubnet, merged, parseAddress, portOf } from "./found";

const device = (ip: string, more: Partial<DiscoveredView> = {}): DiscoveredView => ({
  ip,
  xaddrs: [`http://${ip}/onvif/device_service`],
  name: "Axis P3265",
  model: null,
  mac: null,
  known: false,
  lastSeenAt: "2026-01-01T00:00:00Z",
  ...more,
});

test("what is shown stays in its place while more is found", () => {
  const first = merged([], [device("10.0.0.9"), device("10.0.0.3")]);
  const later = merged(first, [device("10.0.0.1"), device("10.0.0.3"), device("10.0.0.9")]);
  expect(later.map((c) => c.ip)).toEqual(["10.0.0.9", "10.0.0.3", "10.0.0.1"]);
});

test("a device that answers twice is one, two at one address with a port each are two", () => {
  const twice = [device("10.0.0.9"), device("10.0.0.9", { name: "again" })];
  expect(merged([], twice).map((c) => c.name)).toEqual(["again"]);
  const ports = [device("10.0.0.9"), device("10.0.0.9", { xaddrs: ["http://10.0.0.9:8080/onvif/device_service"] })];
  expect(merged([], ports).map((c) => c.key)).toEqual(["10.0.0.9", "10.0.0.9:8080"]);
});

test("one that has just been added does not leave the list because the next answer knows it", () => {
  const shown = merged([], [device("10.0.0.9")]);
  expect(merged(shown, [device("10.0.0.9", { known: true })])[0]?.known).toBe(false);
});

test("one that was typed before it answered gets its name", () => {
  const typed = parseAddress("10.0.0.9")!;
  expect(merged([typed], [device("10.0.0.9")])).toMatchObject([{ key: "10.0.0.9", name: "Axis P3265" }]);
});

test("the port is that of the address which answered, plain before TLS", () => {
  const xaddrs = ["http://192.168.0.90:81/x", "https://10.0.0.9/x", "http://10.0.0.9:8000/x", "nonsense"];
  expect(portOf({ ip: "10.0.0.9", xaddrs })).toBe(8000);
  expect(portOf({ ip: "10.0.0.9", xaddrs: ["https://10.0.0.9/x"] })).toBe(443);
  expect(portOf({ ip: "10.0.0.9", xaddrs: [] })).toBe(80);
});

test.each([
  ["192.168.1.20", "192.168.1.20", 80],
  [" http://192.168.1.20:8080/index.html ", "192.168.1.20", 8080],
  ["https://door.example", "door.example", 443],
  ["fd00::20", "fd00::20", 80],
  ["[fd00::20]:8000", "fd00::20", 8000],
])("the address %s is understood", (text, ip, port) => {
  expect(parseAddress(text)).toMatchObject({ ip, port });
});

test.each(["", "rtsp://192.168.1.20/stream1", "admin@192.168.1.20", "two words", "10.0.0.1:99999"])(
  "%s is no address of a device",
  (text) => expect(parseAddress(text)).toBeNull(),
);

test("a network has its length behind a slash", () => {
  expect(["192.168.1.0/24", " 10.0.0.0/22 ", "192.168.1.0", "everything"].map(isSubnet)).toEqual([
    true,
    true,
    false,
    false,
  ]);
});
