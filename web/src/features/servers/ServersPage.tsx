import { Pencil, Plus, RefreshCw, Server, ShieldCheck, Trash2 } from "lucide-react";
import { Link, useSearchParams } from "react-router";
import { toast } from "sonner";
import { useCheckServer, useDeleteServer, useServers, type ServerView } from "@/api/servers";
import { useMay, useMe, wholeTenantOf } from "@/api/useMe";
import { toneDot, toneText, type Tone } from "@/components/cameraWords";
import { cn } from "@/components/cn";
import { ConfirmDialog } from "@/components/ConfirmDialog";
import { ListSkeleton } from "@/components/ListSkeleton";
import { SectionHeader } from "@/components/SectionHeader";
import { QueryError } from "@/components/States";
import { Button } from "@/components/ui/Button";
import { RowMenu } from "@/components/ui/RowMenu";
import { When } from "@/components/When";
import { words as pageWords } from "@/components/words";
import { wordFor } from "@/i18n/catalogue";
import { language } from "@/i18n/language";
import { FederatedCameraList } from "./FederatedCameraList";
import { ServerDialog } from "./ServerDialog";
import { words } from "./words";

const tones: Readonly<Record<string, Tone>> = {
  here: "good",
  online: "good",
  unreachable: "alarm",
  refused: "alarm",
};

/** This server and the others that it asks. `?edit=ID|new` and `?remove=ID` are links too. */
export function ServersPage() {
  const [search, setSearch] = useSearchParams();
  const servers = useServers();
  const mayWrite = useMay()("servers.write");
  const me = useMe().data;
  const seesAll = me !== undefined && wholeTenantOf(me).includes("cameras.read");
  const seesEvents = me !== undefined && wholeTenantOf(me).includes("events.read");
  const all = servers.data ?? [];
  const other = (key: string) =>
    mayWrite ? all.find((s) => s.state !== "here" && s.id === search.get(key)) : undefined;
  const close = () => setSearch({}, { replace: true });
  const edited = other("edit");
  const removed = other("remove");
  return (
    <section aria-label={words.servers}>
      <SectionHeader title={words.servers} lead={words.lead}>
        {seesEvents && all.length > 1 && (
          <Button asChild className="max-md:h-11">
            <Link to="/settings/servers/events">{words.events}</Link>
          </Button>
        )}
        {mayWrite && (
          <Button variant="primary" className="max-md:h-11" onClick={() => setSearch({ edit: "new" })}>
            <Plus /> {words.add}
          </Button>
        )}
      </SectionHeader>
      {servers.isPending ? (
        <ListSkeleton lines={2} />
      ) : servers.isError && all.length === 0 ? (
        <QueryError what={words.theServers} error={servers.error} onRetry={() => void servers.refetch()} />
      ) : (
        <>
          <ul className="bg-panel divide-y rounded-lg border">
            {all.map((server) => (
              <Line
                key={server.id}
                server={server}
                mayWrite={mayWrite}
                onEdit={() => setSearch({ edit: server.id })}
                onRemove={() => setSearch({ remove: server.id })}
              />
            ))}
          </ul>
          {all.length <= 1 ? (
            <p className="text-soft mt-3 text-[13px]">{words.onlyHereDetail}</p>
          ) : (
            seesAll && <FederatedCameraList />
          )}
        </>
      )}
      {mayWrite && search.get("edit") === "new" && <ServerDialog server={null} onClose={close} />}
      {edited && <ServerDialog key={edited.id} server={edited} onClose={close} />}
      {removed && <Remove server={removed} onClose={close} />}
    </section>
  );
}

function Line({
  server,
  mayWrite,
  onEdit,
  onRemove,
}: {
  server: ServerView;
  mayWrite: boolean;
  onEdit: () => void;
  onRemove: () => void;
}) {
  const check = useCheckServer();
  const here = server.state === "here";
  const tone = tones[server.state] ?? "soft";
  const known = wordFor(words.reasons, server.stateCode);
  const why = language() === "en" ? (server.stateDetail ?? known) : (known ?? server.stateDetail);
  const facts = [
    server.version && words.version(server.version),
    server.cameras != null && words.cameraCount(server.cameras),
  ].filter(Boolean);
  return (
    <li className="flex items-center gap-3 px-4 py-3">
      <Server className="text-soft size-5 shrink-0 stroke-[1.5]" aria-hidden />
      <div className="grid min-w-0 flex-1 gap-x-6 gap-y-0.5 md:grid-cols-[minmax(0,1fr)_minmax(0,1.2fr)]">
        <div className="min-w-0">
          <p className="flex items-center gap-2 font-medium">
            <span className="truncate">{server.name}</span>
            {server.pinnedCertificateSha256 && (
              <ShieldCheck className="text-good size-4 shrink-0" role="img" aria-label={words.pinned} />
            )}
          </p>
          <p className="text-soft truncate text-[13px]">{[server.address, ...facts].filter(Boolean).join(" · ")}</p>
        </div>
        <div className="text-[13px]">
          <p className={cn("flex items-center gap-1.5", toneText[tone])}>
            <span className={cn("size-2 shrink-0 rounded-full", toneDot[tone])} aria-hidden />
            {wordFor(words.states, server.state) ?? server.state}
          </p>
          {!here && (
            <p className="text-soft text-pretty break-words">
              {server.stateCode && why && <>{why} · </>}
              {server.checkedAt && (
                <>
                  {words.checked} <When at={server.checkedAt} />
                </>
              )}
            </p>
          )}
        </div>
      </div>
      {!here && (
        <RowMenu
          label={pageWords.actionsFor(server.name)}
          actions={[
            {
              label: words.check,
              icon: RefreshCw,
              onSelect: () => check.mutate(server.id, { onError: (e) => toast.error(e.message) }),
            },
            ...(mayWrite
              ? [
                  { label: words.edit, icon: Pencil, onSelect: onEdit },
                  { label: words.remove, icon: Trash2, danger: true, onSelect: onRemove },
                ]
              : []),
          ]}
        />
      )}
    </li>
  );
}

function Remove({ server, onClose }: { server: ServerView; onClose: () => void }) {
  const remove = useDeleteServer();
  return (
    <ConfirmDialog
      title={words.removeWhat(server.name)}
      description={words.removeDetail}
      action={words.removeAct}
      error={remove.error}
      busy={remove.isPending}
      onConfirm={() => remove.mutate(server, { onSuccess: onClose })}
      onClose={onClose}
    />
  );
}
