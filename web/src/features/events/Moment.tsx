import { CameraOff, Lock } from "lucide-react";
import type { Camera } from "@/api/types";
import { useMayFor } from "@/api/useMe";
import { EmptyState } from "@/components/States";
import { MomentPlayback } from "@/features/playback/MomentPlayback";
import { leadMs } from "./moment";
import { words } from "./words";

/** Plays the moment of an event, or says why it cannot. To be made anew for another one. */
export function Moment({ camera, at }: { camera: Camera | undefined; at: string }) {
  const may = useMayFor();
  if (!camera) return <EmptyState icon={<CameraOff />} title={words.cameraGone} detail={words.cameraGoneDetail} />;
  if (!may("recordings.read", camera))
    return <EmptyState icon={<Lock />} title={words.mayNotPlay} detail={words.mayNotPlayDetail(camera.name)} />;
  return <MomentPlayback camera={camera} moment={Date.parse(at)} leadMs={leadMs} />;
}
