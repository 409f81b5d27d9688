import { Crosshair, Maximize, ZoomIn, ZoomOut } from "lucide-react";
import { Button } from "@/components/ui/Button";

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
        aria-label="Show the cursor"
        title="Bring the cursor into sight"
        onClick={onHere}
        className="max-md:size-11"
      >
        <Crosshair />
      </Button>
      <Button
        variant="ghost"
        size="icon"
        aria-label="Zoom out"
        title="Zoom out (−)"
        className={zoom}
        onClick={() => onZoom(2)}
      >
        <ZoomOut />
      </Button>
      <Button
        variant="ghost"
        size="icon"
        aria-label="Zoom in"
        title="Zoom in (+)"
        className={zoom}
        onClick={() => onZoom(0.5)}
      >
        <ZoomIn />
      </Button>
      <Button
        variant="ghost"
        size="icon"
        aria-label="Full screen"
        title="Full screen (F)"
        className="max-md:size-11"
        onClick={onFullScreen}
      >
        <Maximize />
      </Button>
    </>
  );
}
