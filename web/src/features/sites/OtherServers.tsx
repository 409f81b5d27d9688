import { ChevronRight, Server } from "lucide-react";
import { Link } from "react-router";
import { missingServers, useFederatedCameras, type FederatedCamera } from "@/api/servers";
import { toneDot } from "@/components/cameraWords";
import { cn } from "@/components/cn";
import { More } from "@/components/More";
import { byServer } from "./byServer";
import { words } from "./words";

/** What stands at other servers, server by server; nothing while this is the only one. */
export function OtherServers() {
  const cameras = useFederatedCameras("", true);
  const pages = cameras.data?.pages ?? [];
  const servers = byServer(pages.flatMap((p) => p.items));
  const missing = missingServers(pages);
  if (servers.length + missing.length === 0) return null;
  return (
    <section aria-label={words.otherServers} className="mt-8">
      <h2 className="mb-0.5 font-semibold">{words.otherServers}</h2>
      <p className="text-soft mb-3 text-[13px] text-pretty">{words.otherServersHint}</p>
      <ul className="bg-panel divide-y rounded-lg border">
        {servers.map(({ id, name, cameras }) => (
          <li key={id}>
            <details className="group/server">
              <summary className="hover:bg-raised/60 flex min-h-11 cursor-pointer list-none items-center gap-2 px-3 md:min-h-9">
                <ChevronRight
                  className="text-faint size-4 transition-transform group-open/server:rotate-90"
                  aria-hidden
                />
                <Server className="text-soft size-4" aria-hidden />
                <span className="font-medium">{name}</span>
                <span className="text-soft tabular ml-auto text-[13px]">{words.camerasOf(cameras.length)}</span>
              </summary>
              <ul className="pb-2">
                {cameras.map((camera) => (
                  <CameraLine key={camera.id} camera={camera} />
                ))}
              </ul>
            </details>
          </li>
        ))}
        {missing.map((part) => (
          <li key={part.id} className="text-warn flex min-h-11 items-center gap-2 px-3 md:min-h-9">
            <Server className="size-4" aria-hidden />
            {words.serverMissing(part.name)}
          </li>
        ))}
      </ul>
      {cameras.hasNextPage && (
        <More
          busy={cameras.isFetchingNextPage}
          error={cameras.isFetchNextPageError ? cameras.error : null}
          onMore={() => void cameras.fetchNextPage()}
        />
      )}
    </section>
  );
}

function CameraLine({ camera }: { camera: FederatedCamera }) {
  const tone = camera.state === "online" ? "good" : camera.enabled ? "alarm" : "soft";
  return (
    <li>
      <Link
        to={`/cameras/others/${encodeURIComponent(camera.server.id)}/${encodeURIComponent(camera.id)}`}
        className="hover:bg-raised/60 flex min-h-11 items-center gap-2 pr-3 pl-10 md:min-h-8"
      >
        <span className={cn("size-2 shrink-0 rounded-full", toneDot[tone])} aria-hidden />
        <span className="min-w-0 truncate">{camera.name}</span>
        {tone === "alarm" && <span className="text-soft ml-auto text-[13px]">{words.notOnline}</span>}
      </Link>
    </li>
  );
}
