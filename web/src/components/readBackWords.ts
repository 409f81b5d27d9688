import type { Camera, ReadBack } from "@/api/types";

const wrong: Record<string, string> = {
  gone: "its file is gone",
  unreadable: "the disk cannot read it",
  altered: "the disk gives back something else",
  undecodable: "no picture can be made of it",
};

/** What is wrong with what the disk gave back; null when nothing is. */
export function readBackTrouble({ recording: { readBack } }: Camera): string | null {
  if (!readBack || readBack.result === "good" || readBack.result === "notDecoded") return null;
  return wrong[readBack.result] ?? readBack.result;
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
