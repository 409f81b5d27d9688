import { Link } from "react-router";
import { useCameras } from "@/api/cameras";
import { Needs } from "@/components/Needs";
import { Button } from "@/components/ui/Button";
import { FindCameras } from "@/features/discovery/FindCameras";
import { StepTitle } from "./SetupFrame";
import { words } from "./words";

/** Finds and adds the first cameras. */
export function CamerasStep({
  onBack,
  onDone,
  onLeave,
}: {
  onBack: () => void;
  onDone: () => void;
  onLeave: () => void;
}) {
  const count = useCameras().data?.length ?? 0;
  return (
    <>
      <StepTitle title={words.cameras} detail={words.camerasDetail} />
      <Needs all={["devices.discover", "cameras.write"]} what={words.theSearch}>
        <FindCameras />
      </Needs>
      <div className="mt-6 flex flex-wrap items-center justify-end gap-2 border-t pt-4">
        <Button size="touch" variant="ghost" className="mr-auto" onClick={onBack}>
          {words.back}
        </Button>
        {count === 0 ? (
          <>
            <Button size="touch" variant="ghost" asChild>
              <Link to="/cameras?edit=new">{words.byStream}</Link>
            </Button>
            <Button size="touch" onClick={onLeave}>
              {words.withoutCameras}
            </Button>
          </>
        ) : (
          <>
            <span className="text-soft" role="status">
              {words.cameraCount(count)}
            </span>
            <Button size="touch" variant="primary" onClick={onDone}>
              {words.next}
            </Button>
          </>
        )}
      </div>
    </>
  );
}
