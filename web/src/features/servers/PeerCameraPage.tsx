import { ArrowLeft } from "lucide-react";
import { Link, useParams, useSearchParams } from "react-router";
import { useMay } from "@/api/useMe";
import { cn } from "@/components/cn";
import { PeerLive } from "./PeerLive";
import { PeerPlayback } from "./PeerPlayback";
import { words } from "./words";

/** A camera of another server, live or its recordings: `?at=TIME` plays from there. */
export function PeerCameraPage() {
  const { server = "", id = "" } = useParams();
  const [search, setSearch] = useSearchParams();
  const mayPlay = useMay()("recordings.read");
  const mayWatch = useMay()("live.view");
  const name = search.get("name") ?? id;
  const at = search.get("at");
  const plays = mayPlay && (at !== null || !mayWatch);
  const show = (time: string | null) =>
    setSearch((current) => {
      if (time) current.set("at", time);
      else current.delete("at");
      return current;
    });
  const playFromNow = () => show(new Date(Date.now() - 60_000).toISOString());
  return (
    <section aria-label={name} className="flex h-full flex-col">
      <header className="bg-panel flex flex-wrap items-center gap-x-4 gap-y-1 border-b px-3 py-2">
        <Link
          to="/settings/servers"
          aria-label={words.backToServers}
          title={words.backToServers}
          className="text-soft hover:bg-raised hover:text-text grid size-9 place-items-center rounded-md max-md:size-11"
        >
          <ArrowLeft className="size-4" aria-hidden />
        </Link>
        <div className="min-w-0 flex-1">
          <h1 className="truncate font-medium">{name}</h1>
          <p className="text-soft truncate text-[13px]">{words.cameraOf(search.get("of") ?? server)}</p>
        </div>
        <div className="flex gap-1">
          {mayWatch && <Tab label={words.live} chosen={!plays} onClick={() => show(null)} />}
          {mayPlay && <Tab label={words.recordings} chosen={plays} onClick={playFromNow} />}
        </div>
      </header>
      <div className="min-h-0 flex-1">
        {plays ? (
          <PeerPlayback
            key={at}
            server={server}
            camera={{ id, name, streams: [] }}
            at={at === null ? null : Date.parse(at)}
          />
        ) : (
          <PeerLive server={server} id={id} name={name} active={mayWatch} />
        )}
      </div>
    </section>
  );
}

function Tab({ label, chosen, onClick }: { label: string; chosen: boolean; onClick: () => void }) {
  return (
    <button
      type="button"
      aria-pressed={chosen}
      onClick={onClick}
      className={cn(
        "text-soft hover:text-text h-9 rounded-md px-3 text-[13px] max-md:h-11",
        chosen && "bg-raised text-text",
      )}
    >
      {label}
    </button>
  );
}
