import type { DeviceOrStream } from "@/api/onboarding";
import { parseAddress } from "@/features/discovery/found";

/** What a typed address leads to: rtsp:// to a stream, all else to a device. Null for what is no address. */
export function deviceOrStream(address: string, username: string, password: string): DeviceOrStream | null {
  const login = username ? { username, password } : {};
  const typed = address.trim();
  if (/^rtsps?:\/\/[^/]/i.test(typed)) return { mainUrl: typed, ...login };
  const device = parseAddress(typed);
  return device ? { ip: device.ip, ...(device.port === 80 ? {} : { port: device.port }), ...login } : null;
}
