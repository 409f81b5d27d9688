import { ChevronLeft, ChevronRight, HardDrive, Plus } from "lucide-react";
import { Link, useNavigate, useSearchParams } from "react-router";
import { useNvrs, type NvrView } from "@/api/nvr";
import { useMay } from "@/api/useMe";
import { toneDot, toneText } from "@/components/cameraWords";
import { cn } from "@/components/cn";
import { EmptyState, QueryError, Skeleton } from "@/components/States";
import { Button } from "@/components/ui/Button";
import { words as pageWords } from "@/components/words";
import { wordFor } from "@/i18n/catalogue";
import { ConnectDialog } from "./ConnectDialog";
import { nvrState } from "./nvrState";
import { words } from "./words";

/** Recorders of other makers, whose channels are cameras here. `?connect` is a link too. */
export function RecordersPage() {
  const [search, setSearch] = useSearchParams();
  const navigate = useNavigate();
  const nvrs = useNvrs();
  const mayConnect = useMay()("cameras.write");
  const connect = () => setSearch({ connect: "" });
  return (
    <div className="mx-auto max-w-4xl p-4 md:p-8">
      <Link to="/cameras" className="text-soft hover:text-text mb-3 inline-flex items-center gap-1 text-[13px]">
        <ChevronLeft className="size-4" aria-hidden /> {words.cameras}
      </Link>
      <header className="mb-6 flex flex-wrap items-center justify-between gap-3">
        <div>
          <h1 className="text-xl font-semibold">{words.recorders}</h1>
          <p className="text-soft">{words.lead}</p>
        </div>
        {mayConnect && (nvrs.data?.length ?? 0) > 0 && (
          <Button variant="primary" className="max-md:h-11" onClick={connect}>
            <Plus /> {words.connect}
          </Button>
        )}
      </header>
      {nvrs.isPending ? (
        <div className="space-y-2" role="status" aria-label={pageWords.loading}>
          <Skeleton className="h-18" />
          <Skeleton className="h-18" />
        </div>
      ) : nvrs.isError ? (
        <QueryError what={words.theRecorders} error={nvrs.error} onRetry={() => void nvrs.refetch()} />
      ) : nvrs.data.length === 0 ? (
        <EmptyState icon={<HardDrive />} title={words.none} detail={mayConnect ? words.noneDetail : words.noneReader}>
          {mayConnect && (
            <Button variant="primary" className="max-md:h-11" onClick={connect}>
              {words.connect}
            </Button>
          )}
        </EmptyState>
      ) : (
        <ul className="bg-panel divide-y overflow-hidden rounded-lg border">
          {nvrs.data.map((nvr) => (
            <RecorderLine key={nvr.id} nvr={nvr} />
          ))}
        </ul>
      )}
      {mayConnect && search.has("connect") && (
        <ConnectDialog
          onClose={() => setSearch({}, { replace: true })}
          onConnected={(id) => void navigate(`/cameras/recorders/${id}`)}
        />
      )}
    </div>
  );
}

function RecorderLine({ nvr }: { nvr: NvrView }) {
  const state = nvrState(nvr);
  return (
    <li>
      <Link to={`/cameras/recorders/${nvr.id}`} className="hover:bg-raised/50 flex items-center gap-4 px-4 py-3">
        <HardDrive className="text-soft size-6 shrink-0 stroke-[1.5]" aria-hidden />
        <span className={cn("size-2 shrink-0 rounded-full", toneDot[state.tone])} aria-hidden />
        <span className="min-w-0 flex-1">
          <span className="block truncate font-medium">{nvr.name}</span>
          <span className="text-soft block truncate text-[13px]">
            <span className={toneText[state.tone]}>{state.text}</span> ·{" "}
            {[wordFor(words.makers, nvr.vendor), nvr.model].filter(Boolean).join(" ")}
          </span>
        </span>
        <span className="text-soft tabular hidden text-right text-[13px] sm:block">
          <span className="block">{nvr.address}</span>
          {words.channelCount(nvr.channels.added, nvr.channels.total)}
        </span>
        <ChevronRight className="text-faint size-4 shrink-0" aria-hidden />
      </Link>
    </li>
  );
}
