import { useEffect, useRef, type RefObject } from "react";
import { serverNow } from "@/api/serverClock";
import { watchTracks } from "@/api/tracks";
import type { Camera } from "@/api/types";
import { placeInTile } from "@/picture/placeInTile";
import { whole, type Zoom } from "@/picture/zoom";
import type { LivePlayer } from "@/player/LivePlayer";
import { everyFrame } from "./everyFrame";
import { FoundHistory } from "./FoundHistory";
import { coloursAt, paintObjects, paintPlaces } from "./paint";
import { words } from "./words";

/**
 * Over a live picture: what analysis finds in it, each in the picture that it was found in, and the camera's zones and lines. Painted before a frame of the
 * screen when something has changed; nothing is rendered for it.
 */
export function FoundOverlay({
  camera,
  video,
  player,
  zoom = whole,
  boxes,
  places,
}: {
  camera: Camera;
  video: RefObject<HTMLVideoElement | null>;
  player: RefObject<LivePlayer | null>;
  zoom?: Zoom;
  boxes: boolean;
  places: boolean;
}) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { id, analytics } = camera;
  const view = useRef({ zoom, analytics, places });
  useEffect(() => {
    view.current = { zoom, analytics, places };
  });

  useEffect(() => {
    const element = canvas.current;
    const context = element?.getContext("2d");
    if (!element || !context) return;
    const history = new FoundHistory();
    const stopWatching = boxes ? watchTracks(id, (message) => history.add(message)) : undefined;
    const colours = coloursAt(element);
    const size = { width: 0, height: 0 };
    const sizes = new ResizeObserver(() => {
      const sharpness = window.devicePixelRatio;
      [size.width, size.height] = [element.clientWidth, element.clientHeight];
      [element.width, element.height] = [size.width * sharpness, size.height * sharpness];
      context.setTransform(sharpness, 0, 0, sharpness, 0, 0);
      painted = [];
    });
    sizes.observe(element);
    let painted: readonly unknown[] = [];

    const stop = everyFrame(() => {
      const shown = video.current;
      if (!shown?.videoWidth || size.width === 0) return;
      const { zoom, analytics, places } = view.current;
      const captured = player.current?.capturedAt ?? serverNow();
      const aspect = shown.videoWidth / shown.videoHeight;
      const now = [captured, history.version, zoom.scale, zoom.left, zoom.top, places && analytics, aspect];
      if (painted.length > 0 && now.every((value, i) => value === painted[i])) return;
      painted = now;
      const { objects, behindMs } = captured === null ? { objects: [], behindMs: 0 } : history.at(captured);
      const place = placeInTile(size, aspect, zoom);
      context.clearRect(0, 0, size.width, size.height);
      if (places) paintPlaces(context, analytics, place, colours);
      paintObjects(context, objects, place, colours);
      element.dataset["boxes"] = String(objects.length);
      element.dataset["behindMs"] = objects.length > 0 ? behindMs.toFixed(0) : "";
    });
    return () => {
      stop();
      stopWatching?.();
      sizes.disconnect();
    };
  }, [id, boxes, video, player]);

  return (
    <canvas
      ref={canvas}
      data-found={id}
      role="img"
      aria-label={words.boxesOf(camera.name)}
      className="pointer-events-none absolute inset-0 size-full"
    />
  );
}

/** Whether this server looks at the camera's pictures: else there is nothing to wait for. */
export const isAnalysed = ({ enabled, analytics }: Camera): boolean =>
  enabled && analytics.enabled && analytics.source !== "camera";
