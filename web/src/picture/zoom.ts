/**
 * What part of a tile is seen, enlarged: a point of the picture at `x`, `y` (tile's CSS pixels, from its top left corner) is shown at
 * `scale * x + left`, `scale * y + top`.
 */
export interface Zoom {
  scale: number;
  left: number;
  top: number;
}

export interface Size {
  width: number;
  height: number;
}

export interface Point {
  x: number;
  y: number;
}

export const whole: Zoom = { scale: 1, left: 0, top: 0 };

/** Beyond it one pixel of a 4K picture is a square on the screen. */
export const maxScale = 16;

/** Magnified around a point of the tile, which stays where it is. */
export function zoomAt(zoom: Zoom, factor: number, at: Point, tile: Size): Zoom {
  const scale = Math.min(maxScale, Math.max(1, zoom.scale * factor));
  const by = scale / zoom.scale;
  return inside({ scale, left: at.x - by * (at.x - zoom.left), top: at.y - by * (at.y - zoom.top) }, tile);
}

export function moved(zoom: Zoom, by: Point, tile: Size): Zoom {
  return inside({ ...zoom, left: zoom.left + by.x, top: zoom.top + by.y }, tile);
}

/** A rectangle drawn on the tile fills it; too small a one (a slip of the hand) changes nothing. */
export function zoomTo(zoom: Zoom, from: Point, to: Point, tile: Size): Zoom {
  const width = Math.abs(to.x - from.x);
  const height = Math.abs(to.y - from.y);
  if (width < 8 || height < 8) return zoom;
  const factor = Math.min(tile.width / width, tile.height / height);
  const scale = Math.min(maxScale, zoom.scale * factor);
  const by = scale / zoom.scale;
  const center = { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 };
  return inside(
    {
      scale,
      left: tile.width / 2 - by * (center.x - zoom.left),
      top: tile.height / 2 - by * (center.y - zoom.top),
    },
    tile,
  );
}

/** The picture never leaves a gap at an edge. */
function inside({ scale, left, top }: Zoom, tile: Size): Zoom {
  if (scale <= 1) return whole;
  return {
    scale,
    left: Math.min(0, Math.max(tile.width * (1 - scale), left)),
    top: Math.min(0, Math.max(tile.height * (1 - scale), top)),
  };
}
