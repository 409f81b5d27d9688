import type { Device } from "@/api/device";

export const columns = ["cameraName", "maker", "model", "firmware", "serialNumber", "address"] as const;
export type Column = (typeof columns)[number];

/** All devices of one maker and model. */
export interface Model {
  maker: string | null;
  model: string | null;
  count: number;
  /** How many have which; what is not known is left out. The commonest first. */
  firmwares: [version: string, count: number][];
}

/** The commonest model first; devices that never said what they are stand at the end. */
export function modelsOf(devices: readonly Device[]): Model[] {
  const byName = new Map<string, Device[]>();
  for (const device of devices) {
    const name = JSON.stringify([device.maker, device.model]);
    byName.set(name, [...(byName.get(name) ?? []), device]);
  }
  return [...byName.values()]
    .map((same) => ({ maker: same[0]!.maker, model: same[0]!.model, count: same.length, firmwares: firmwaresOf(same) }))
    .sort((a, b) => Number(a.model === null) - Number(b.model === null) || b.count - a.count);
}

function firmwaresOf(devices: readonly Device[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const { firmware } of devices) if (firmware) counts.set(firmware, (counts.get(firmware) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1]);
}

/** Those that one of the words is in, all of them in each. */
export function matching(devices: readonly Device[], query: string): Device[] {
  const parts = query.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  return devices.filter((device) => {
    const text = columns
      .map((c) => device[c] ?? "")
      .join("\n")
      .toLocaleLowerCase();
    return parts.every((part) => text.includes(part));
  });
}

/** What is not known stands at the end, whichever way. Numbers in names count as numbers: 1.9 comes before 1.10. */
export function sorted(devices: readonly Device[], column: Column, down: boolean): Device[] {
  return devices.toSorted((a, b) => {
    const [x, y] = [a[column], b[column]];
    if (x === null || y === null) return Number(x === null) - Number(y === null);
    return (down ? -1 : 1) * x.localeCompare(y, undefined, { numeric: true, sensitivity: "base" });
  });
}

/** For a spreadsheet (RFC 4180); what one would take for a formula has an apostrophe in front. */
export function csvOf(devices: readonly Device[], heads: Record<Column, string>): string {
  const cell = (text: string | null) => {
    const safe = text !== null && /^[=+\-@\t\r]/.test(text) ? `'${text}` : (text ?? "");
    return /[",;\r\n\t]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  const lines = [columns.map((c) => heads[c]), ...devices.map((d) => columns.map((c) => d[c]))];
  return lines.map((line) => line.map(cell).join(",") + "\r\n").join("");
}
