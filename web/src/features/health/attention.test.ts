import { expect, test } from "vitest";
import type { Alert } from "@/api/dashboard";
import { furtherAlerts } from "./attention";

const alert = (code: string, severity = "warning"): Alert => ({
  code,
  severity,
  message: "",
  cameraId: null,
  since: null,
});

test("what the page tells nowhere else is listed, the critical before the rest", () => {
  const codes = furtherAlerts([
    alert("cameraClock"),
    alert("cameraOffline", "critical"),
    alert("ofALaterVersion", "critical"),
    alert("cameraDeviceChanged"),
  ]).map((a) => a.code);
  expect(codes).toEqual(["ofALaterVersion", "cameraClock", "cameraDeviceChanged"]);
});
