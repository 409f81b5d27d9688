import type { Size } from "./zoom";

/** Where a picture of a shape stands in a box that shows all of it. */
export function contained(box: Size, aspect: number) {
  const width = Math.min(box.width, box.height * aspect);
  const height = width / aspect;
  return { left: (box.width - width) / 2, top: (box.height - height) / 2, width, height };
}
