import type { Camera } from "@/api/types";
import type { Span } from "@/timeline/footage";
import { day, second } from "@/timeline/scale";

/** The server looks through no more at a time. */
const longest = day;

/** What is younger may still be on its way into the archive. */
const settled = 10 * second;

/** What of a stretch can be asked for now: of a longer one the newest day, as when gaps are filled by themselves. Null when nothing. */
export function fetchable({ from, to }: Span, now: number): Span | null {
  const end = Math.min(to, now - settled);
  const begin = Math.max(from, end - longest);
  return end - begin >= second ? { from: begin, to: end } : null;
}

/** Of a camera that sends to the server nobody knows an address to ask. */
export const mayHaveRecorded = (camera: Pick<Camera, "mainUrl">): boolean => /^rtsps?:/i.test(camera.mainUrl);
