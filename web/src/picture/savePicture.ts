import { words } from "./words";

/**
 * Saves what is shown, in the size the camera sent, as "Entrance 2026-11-29 08-15-03.jpg".
 * @param at When the picture was taken; now for a live one.
 */
export async function savePicture(
  shown: HTMLVideoElement | HTMLCanvasElement,
  cameraName: string,
  at = new Date(),
): Promise<void> {
  const [width, height] =
    shown instanceof HTMLVideoElement ? [shown.videoWidth, shown.videoHeight] : [shown.width, shown.height];
  if (width === 0) return;
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  canvas.getContext("2d")?.drawImage(shown, 0, 0);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.95));
  if (!blob) return;
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = fileName(cameraName, at);
  link.click();
  // The browser reads it after the click.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** Local time; without what file systems do not take. */
export function fileName(cameraName: string, at: Date): string {
  const two = (n: number) => String(n).padStart(2, "0");
  const date = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  const clock = `${two(at.getHours())}-${two(at.getMinutes())}-${two(at.getSeconds())}`;
  const name = cameraName.replace(/[\u0000-\u001f<>:"/\\|?*]/g, " ").trim();
  return `${name || words.camera} ${date} ${clock}.jpg`;
}
