import { expect, test } from "vitest";
import { deviceOrStream } from "./deviceOrStream";

test("an address of a stream is one, all else is asked by ONVIF", () => {
  expect(deviceOrStream("rtsp://10.0.0.5/main", "", "x")).toEqual({ mainUrl: "rtsp://10.0.0.5/main" });
  expect(deviceOrStream("10.0.0.5:8000", "eva", "x")).toEqual({
    ip: "10.0.0.5",
    port: 8000,
    username: "eva",
    password: "x",
  });
  expect(deviceOrStream("10.0.0.5", "", "")).toEqual({ ip: "10.0.0.5" });
  expect(deviceOrStream("rtsp:///main", "", "")).toBeNull();
  expect(deviceOrStream("  ", "", "")).toBeNull();
});
