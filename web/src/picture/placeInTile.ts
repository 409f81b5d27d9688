import { contained } from "./contained";
import type { Size, Zoom } from "./zoom";

export interface Rect extends Size {
  left: number;
  top: number;
}

/** Where the picture lies in a tile that shows all of it between bars, magnified around some point; in the tile's CSS pixels. */
export function placeInTile(tile: Size, aspect: number, zoom: Zoom): Rect {
  const { left, top, width, height } = contained(tile, aspect);
  return {
    left: zoom.scale * left + zoom.left,
    top: zoom.scale * top + zoom.top,
    width: zoom.scale * width,
    height: zoom.scale * height,
  };
}
