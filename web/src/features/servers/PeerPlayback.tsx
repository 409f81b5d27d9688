import { useMemo } from "react";
import type { Camera } from "@/api/types";
import { peerArchive } from "@/features/playback/archive";
import { SinglePlayback } from "@/features/playback/SinglePlayback";

/** Small pictures along the timeline stay on the server that has them. */
const noPreview = () => null;

/** The recordings of a camera of another server, with this server's player: timeline, playlists and samples come straight from there. */
export function PeerPlayback({
  server,
  camera,
  at,
}: {
  server: string;
  camera: Pick<Camera, "id" | "name" | "streams">;
  /** Null: a moment ago. */
  at: number | null;
}) {
  const archive = useMemo(() => peerArchive(server), [server]);
  return <SinglePlayback camera={camera} at={at} archive={archive} previewUrl={noPreview} />;
}
