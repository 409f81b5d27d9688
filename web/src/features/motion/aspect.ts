import type { Camera } from "@/api/types";

/** Width by height of what is recorded. */
export function aspectOf(camera: Camera): number {
  const main = camera.streams.find((s) => s.name === "main");
  return main?.width && main.height ? main.width / main.height : 16 / 9;
}
