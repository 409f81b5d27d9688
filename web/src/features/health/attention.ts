import type { Alert } from "@/api/dashboard";

/** What is told elsewhere on the page, or beside the camera in better words. */
const toldElsewhere: ReadonlySet<string> = new Set([
  "mediaUnavailable",
  "recorderUnavailable",
  "storagePoolFull",
  "storagePoolFailed",
  "storagePoolAway",
  "cameraOffline",
  "cameraUnauthorized",
  "cameraUnsupported",
  "retentionShort",
  "readBackFailed",
]);

/** The alerts that nothing else on the page tells, the critical ones first. */
export function furtherAlerts(alerts: readonly Alert[]): Alert[] {
  const isCritical = (alert: Alert) => Number(alert.severity === "critical");
  return alerts.filter((a) => !toldElsewhere.has(a.code)).sort((a, b) => isCritical(b) - isCritical(a));
}
