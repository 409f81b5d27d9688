import { Cctv } from "lucide-react";
import { useDeferredValue, useState } from "react";
import { Link } from "react-router";
import { missingServers, useFederatedCameras, type FederatedCamera } from "@/api/servers";
import { ListSkeleton } from "@/components/ListSkeleton";
import { More } from "@/components/More";
import { QueryError } from "@/components/States";
import { words as pageWords } from "@/components/words";
import { wordFor } from "@/i18n/catalogue";
import { MissingServers } from "./MissingServers";
import { cameraLink } from "./peerAddress";
import { words } from "./words";

/** The cameras of all servers, and which servers are missing. */
export function FederatedCameraList() {
  const [typed, setTyped] = useState("");
  const wanted = useDeferredValue(typed.trim());
  const cameras = useFederatedCameras(wanted, true);
  const all = cameras.data?.pages.flatMap((p) => p.items) ?? [];
  return (
    <section aria-label={words.cameras} className="mt-8">
      <h3 className="font-medium">{words.cameras}</h3>
      <p className="text-soft mb-3 text-[13px]">{words.camerasLead}</p>
      <input
        type="search"
        aria-label={words.findCamera}
        placeholder={words.findCamera}
        maxLength={64}
        value={typed}
        onChange={(e) => setTyped(e.target.value)}
        className="bg-ground placeholder:text-faint mb-3 h-10 w-full rounded-md border px-3 max-md:h-11"
      />
      <MissingServers missing={missingServers(cameras.data?.pages)} />
      {cameras.isPending ? (
        <ListSkeleton lines={4} className="h-11" />
      ) : cameras.isError && !cameras.data ? (
        <QueryError what={words.theCameras} error={cameras.error} onRetry={() => void cameras.refetch()} />
      ) : all.length === 0 ? (
        <p className="bg-panel text-soft rounded-lg border p-4 text-[13px]">{words.noCameras}</p>
      ) : (
        <>
          <ul className="bg-panel divide-y rounded-lg border">
            {all.map((camera) => (
              <Line key={`${camera.server.id}/${camera.id}`} camera={camera} />
            ))}
          </ul>
          {cameras.hasNextPage && (
            <More
              busy={cameras.isFetchingNextPage}
              error={cameras.isFetchNextPageError ? cameras.error : null}
              onMore={() => void cameras.fetchNextPage()}
            />
          )}
        </>
      )}
    </section>
  );
}

function Line({ camera }: { camera: FederatedCamera }) {
  return (
    <li>
      <Link
        to={cameraLink(camera.server, camera)}
        className="hover:bg-raised/60 flex min-h-11 items-center gap-3 px-4 py-2 -outline-offset-2"
      >
        <Cctv className="text-soft size-4 shrink-0 stroke-[1.75]" aria-hidden />
        <span className="min-w-0 flex-1 truncate">{camera.name}</span>
        <span className="text-soft truncate text-[13px]">{camera.server.name}</span>
        <span className="text-soft w-28 shrink-0 text-right text-[13px]">
          {wordFor(pageWords.states, camera.state) ?? camera.state}
        </span>
      </Link>
    </li>
  );
}
