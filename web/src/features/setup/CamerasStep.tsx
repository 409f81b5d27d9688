import { Link } from "react-router";
import { useCameras } from "@/api/cameras";
import { Needs } from "@/components/Needs";
import { Button } from "@/components/ui/Button";
import { FindCameras } from "@/features/discovery/FindCameras";
import { rememberAdded } from "./progress";
import { StepTitle } from "./SetupFrame";
import { words } from "./words";

/** Finds and adds the first cameras. */
export function CamerasStep({
  onBack,
  onDone,
  onLeave,
  adding,
  onAdding,
}: {
  onBack: () => void;
  onDone: () => void;
  onLeave: () => void;
  /** Cameras are being added: who went on now would lose those that wait. */
  adding: boolean;
  onAdding: (adding: boolean) => void;
}) {
  const count = useCameras().data?.length ?? 0;
  return (
    <>
      <StepTitle title={words.cameras} detail={words.camerasDetail} />
      <Needs all={["devices.discover", "cameras.write"]} what={words.theSearch}>
        <FindCameras onAdded={rememberAdded} onBusy={onAdding} />
      </Needs>
      <div className="mt-6 flex flex-wrap items-center justify-end gap-2 border-t pt-4">
        <Button size="touch" variant="ghost" className="mr-auto" disabled={adding} onClick={onBack}>
          {words.back}
        </Button>
        {adding ? (
          <>
            <span className="text-soft" role="status">
              {words.adding(count)}
            </span>
            <Button size="touch" variant="primary" disabled>
              {words.next}
            </Button>
          </>
        ) : count === 0 ? (
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
