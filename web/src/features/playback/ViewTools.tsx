import { Crosshair, Maximize, ZoomIn, ZoomOut } from "lucide-react";
import { Button } from "@/components/ui/Button";
import { words } from "./words";

/** What moves the timeline, and full screen. */
export function ViewTools({
  onZoom,
  onHere,
  onFullScreen,
}: {
  onZoom: (factor: number) => void;
  onHere: () => void;
  onFullScreen: () => void;
}) {
  // Two fingers do it better than a button.
  const zoom = "max-md:hidden";
  return (
    <>
      <Button
        variant="ghost"
        size="icon"
        aria-label={words.showCursor}
        title={words.showCursorTitle}
        onClick={onHere}
        className="max-md:size-11"
      >
        <Crosshair />
      </Button>
      <Button
        variant="ghost"
        size="icon"
        aria-label={words.zoomOut}
        title={words.zoomOutKey}
        className={zoom}
        onClick={() => onZoom(2)}
      >
        <ZoomOut />
      </Button>
      <Button
        variant="ghost"
        size="icon"
        aria-label={words.zoomIn}
        title={words.zoomInKey}
        className={zoom}
        onClick={() => onZoom(0.5)}
      >
        <ZoomIn />
      </Button>
      <Button
        variant="ghost"
        size="icon"
        aria-label={words.fullScreen}
        title={words.fullScreenKey}
        className="max-md:size-11"
        onClick={onFullScreen}
      >
        <Maximize />
      </Button>
    </>
  );
}
