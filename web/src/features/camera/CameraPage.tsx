import { Cctv, ChevronLeft, LayoutGrid, Pencil, Replace, Trash2 } from "lucide-react";
import { useState } from "react";
import { Link, useNavigate, useParams, useSearchParams } from "react-router";
import { useCameras } from "@/api/cameras";
import { useDevice } from "@/api/device";
import type { Permission } from "@/api/types";
import { useMayFor } from "@/api/useMe";
import { stateWords, toneDot, toneText } from "@/components/cameraWords";
import { cn } from "@/components/cn";
import { EmptyState, QueryError, Skeleton } from "@/components/States";
import { Button } from "@/components/ui/Button";
import { words as pageWords } from "@/components/words";
import { CameraDialog } from "@/features/cameras/CameraDialog";
import { DeleteCameraDialog } from "@/features/cameras/DeleteCameraDialog";
import { PtzPanel } from "@/features/ptz/PtzPanel";
import { AnalyticsCard } from "./AnalyticsCard";
import { CameraVideo } from "./CameraVideo";
import { DeviceCard } from "./DeviceCard";
import { ImagingCard } from "./ImagingCard";
import { LastDay } from "./LastDay";
import { RelaysCard } from "./RelaysCard";
import { ReplaceDialog } from "./ReplaceDialog";
import { RecordingCard, StreamsCard } from "./StreamsCard";
import { words } from "./words";

/** One camera: its picture, what it is and sends, what is recorded, and all that can be set. `?edit`, `?replace` and `?delete` are links too. */
export function CameraPage() {
  const { id = "" } = useParams();
  const [search, setSearch] = useSearchParams();
  const navigate = useNavigate();
  const cameras = useCameras();
  const mayFor = useMayFor();
  const camera = cameras.data?.find((c) => c.id === id);
  const device = useDevice(id, camera !== undefined);
  const [aimError, setAimError] = useState<string | null>(null);
  const can = device.data?.can;
  const may = (permission: Permission) => camera !== undefined && mayFor(permission, camera);
  const steers = (can?.ptz ?? false) && may("ptz.control");
  const mayWrite = may("cameras.write");
  const open = (dialog: string) => setSearch({ [dialog]: "" });
  const close = () => setSearch({}, { replace: true });

  if (cameras.isPending) return <Skeleton className="m-8 aspect-video max-w-3xl" />;
  if (cameras.isError && !camera)
    return <QueryError what={pageWords.theCameras} error={cameras.error} onRetry={() => void cameras.refetch()} />;
  if (!camera)
    return (
      <EmptyState icon={<Cctv />} title={words.gone} detail={words.goneDetail}>
        <Button asChild>
          <Link to="/cameras">{words.allCameras}</Link>
        </Button>
      </EmptyState>
    );
  const state = stateWords(camera);
  return (
    <div className="mx-auto max-w-6xl p-4 md:p-8">
      <Link to="/cameras" className="text-soft hover:text-text mb-3 inline-flex items-center gap-1 text-[13px]">
        <ChevronLeft className="size-4" aria-hidden /> {words.allCameras}
      </Link>
      <header className="mb-5 flex flex-wrap items-center justify-between gap-x-6 gap-y-3">
        <div className="min-w-0">
          <h1 className="truncate text-xl font-semibold">{camera.name}</h1>
          <p className="text-soft flex items-center gap-2">
            <span className={cn("size-2 shrink-0 rounded-full", toneDot[state.tone])} aria-hidden />
            <span>
              <span className={toneText[state.tone]}>{state.text}</span>
              {state.why && <> · {state.why}</>}
            </span>
          </p>
        </div>
        <div className="flex flex-wrap gap-2">
          {may("live.view") && (
            <Button variant="ghost" className="max-md:h-11" asChild>
              <Link to={`/live?camera=${camera.id}`}>
                <LayoutGrid /> <span className="max-sm:sr-only">{words.live}</span>
              </Link>
            </Button>
          )}
          {mayWrite && (
            <>
              <Button className="max-md:h-11" onClick={() => open("edit")}>
                <Pencil /> {words.edit}
              </Button>
              <Button className="max-md:h-11" onClick={() => open("replace")}>
                <Replace /> {words.replaceWith}
              </Button>
              <Button
                size="icon"
                variant="ghost"
                className="text-alarm hover:text-alarm max-md:size-11"
                aria-label={words.delete}
                title={words.delete}
                onClick={() => open("delete")}
              >
                <Trash2 />
              </Button>
            </>
          )}
        </div>
      </header>

      <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
        <div className="space-y-4">
          {may("live.view") && <CameraVideo camera={camera} steers={steers} onAimProblem={setAimError} />}
          {aimError && (
            <p role="alert" className="text-warn text-[13px]">
              {aimError}
            </p>
          )}
          {steers && <PtzPanel cameraId={camera.id} />}
          {may("recordings.read") && <LastDay camera={camera} />}
          <div className="grid gap-4 sm:grid-cols-2">
            <StreamsCard camera={camera} />
            <RecordingCard camera={camera} />
          </div>
        </div>
        <div className="space-y-4">
          <DeviceCard camera={camera} />
          <AnalyticsCard camera={camera} mayChange={mayWrite} />
          {can?.imaging && <ImagingCard camera={camera} />}
          {can?.relays && may("relays.write") && <RelaysCard camera={camera} />}
        </div>
      </div>

      {mayWrite && search.has("edit") && <CameraDialog camera={camera} onClose={close} />}
      {mayWrite && search.has("replace") && <ReplaceDialog camera={camera} onClose={close} />}
      {mayWrite && search.has("delete") && (
        <DeleteCameraDialog camera={camera} onClose={close} onDeleted={() => void navigate("/cameras")} />
      )}
    </div>
  );
}
