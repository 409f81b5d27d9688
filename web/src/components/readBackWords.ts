import type { Camera, ReadBack } from "@/api/types";
import { wordFor } from "@/i18n/catalogue";
import { words } from "./words";

/** What is wrong with what the disk gave back; null when nothing is. */
export function readBackTrouble({ recording: { readBack } }: Camera): string | null {
  if (!readBack || readBack.result === "good" || readBack.result === "notDecoded") return null;
  return wordFor(words.readBack, readBack.result) ?? readBack.result;
}

/** The camera that was read back last, and what came of it. */
export function lastReadBack(cameras: Camera[]): { camera: Camera; read: ReadBack } | null {
  let last: { camera: Camera; read: ReadBack } | null = null;
  for (const camera of cameras) {
    const read = camera.recording.readBack;
    if (read && (!last || Date.parse(read.at) > Date.parse(last.read.at))) last = { camera, read };
  }
  return last;
}
