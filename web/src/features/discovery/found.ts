import type { DiscoveredView } from "@/api/discovery";

/** A device that can be added: one that answered, or one whose address was typed. */
export interface Candidate {
  /** Address and port. */
  key: string;
  ip: string;
  port: number;
  name: string;
  model: string | null;
  mac: string | null;
  /** A camera of ours had this address when it was first seen here. */
  known: boolean;
}

const usualPort = 80;

export const keyOf = (ip: string, port: number) => (port === usualPort ? ip : `${ip}:${port}`);

/** The port of its web server: of the address that it answered from, plain before TLS; devices tell of networks that nobody is in. */
export function portOf({ ip, xaddrs }: Pick<DiscoveredView, "ip" | "xaddrs">): number {
  const urls = xaddrs.filter((x) => URL.canParse(x)).map((x) => new URL(x));
  const best =
    urls.find((u) => u.hostname === ip && u.protocol === "http:") ??
    urls.find((u) => u.hostname === ip) ??
    urls.find((u) => u.protocol === "http:") ??
    urls[0];
  return !best ? usualPort : best.port ? Number(best.port) : best.protocol === "https:" ? 443 : usualPort;
}

/** What is shown stays where it is while more comes; a device that answers twice is one. */
export function merged(shown: readonly Candidate[], devices: readonly DiscoveredView[]): Candidate[] {
  const all = [...shown];
  const places = new Map(all.map((c, i) => [c.key, i]));
  for (const device of devices) {
    const port = portOf(device);
    const key = keyOf(device.ip, port);
    const place = places.get(key);
    const { ip, name, mac } = device;
    const candidate = { key, ip, port, name, model: device.model ?? null, mac: mac ?? null };
    if (place === undefined) {
      places.set(key, all.length);
      all.push({ ...candidate, known: device.known });
    } else {
      // Typed by hand before it answered, it has a name now.
      all[place] = { ...candidate, known: all[place]!.known };
    }
  }
  return all;
}

/** `192.168.1.20`, `camera.local:8080`, `[fd00::20]:8080`, or what a browser's address line has. Null for what is none. */
export function parseAddress(text: string): Candidate | null {
  const typed = text.trim();
  const bare = typed.replace(/^https?:\/\//i, "");
  if (!bare || /[\s@]/.test(bare) || (/:\/\//.test(typed) && bare === typed)) return null;
  // An IPv6 address without brackets has no port.
  const host = /^[0-9a-f:]*:[0-9a-f:]*:[0-9a-f:.]*$/i.test(bare) ? `[${bare}]` : bare;
  const scheme = /^https:/i.test(typed) ? "https" : "http";
  if (!URL.canParse(`${scheme}://${host}`)) return null;
  const url = new URL(`${scheme}://${host}`);
  const ip = url.hostname.replace(/^\[|\]$/g, "");
  const port = url.port ? Number(url.port) : scheme === "https" ? 443 : usualPort;
  return port === 0 ? null : { key: keyOf(ip, port), ip, port, name: ip, model: null, mac: null, known: false };
}

/** A network as the server takes it; it looks more closely. */
export const isSubnet = (text: string) => /^\d{1,3}(\.\d{1,3}){3}\/\d{1,2}$/.test(text.trim());
