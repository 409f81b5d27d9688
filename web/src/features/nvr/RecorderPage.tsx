import { ChevronLeft, HardDrive, Pencil, Trash2 } from "lucide-react";
import { Link, useNavigate, useParams, useSearchParams } from "react-router";
import { useNvr, useNvrChannels } from "@/api/nvr";
import { ApiError } from "@/api/problem";
import { useMay } from "@/api/useMe";
import { toneDot, toneText } from "@/components/cameraWords";
import { cn } from "@/components/cn";
import { EmptyState, QueryError, Skeleton } from "@/components/States";
import { dayAndClock } from "@/components/time";
import { Button } from "@/components/ui/Button";
import { wordFor } from "@/i18n/catalogue";
import { ChannelList } from "./ChannelList";
import { ChangeRecorderDialog } from "./ChangeRecorderDialog";
import { nvrState } from "./nvrState";
import { RemoveRecorderDialog } from "./RemoveRecorderDialog";
import { words } from "./words";

/** One recorder: how it is, and which of its channels are cameras here. `?edit` and `?remove` are links too. */
export function RecorderPage() {
  const { id = "" } = useParams();
  const [search, setSearch] = useSearchParams();
  const navigate = useNavigate();
  const nvr = useNvr(id);
  const channels = useNvrChannels(id);
  const mayChange = useMay()("cameras.write");
  const close = () => setSearch({}, { replace: true });

  if (nvr.isPending) return <Skeleton className="m-8 h-40" />;
  if (nvr.isError)
    return nvr.error instanceof ApiError && nvr.error.problem.status === 404 ? (
      <EmptyState icon={<HardDrive />} title={words.gone} detail={words.goneDetail}>
        <Button asChild>
          <Link to="/cameras/recorders">{words.recorders}</Link>
        </Button>
      </EmptyState>
    ) : (
      <QueryError what={words.theRecorders} error={nvr.error} onRetry={() => void nvr.refetch()} />
    );
  const state = nvrState(nvr.data);
  return (
    <div className="mx-auto max-w-4xl p-4 md:p-8">
      <Link
        to="/cameras/recorders"
        className="text-soft hover:text-text mb-3 inline-flex items-center gap-1 text-[13px]"
      >
        <ChevronLeft className="size-4" aria-hidden /> {words.recorders}
      </Link>
      <header className="mb-6 flex flex-wrap items-center justify-between gap-x-6 gap-y-3">
        <div className="min-w-0">
          <h1 className="truncate text-xl font-semibold">{nvr.data.name}</h1>
          <p className="text-soft flex flex-wrap items-center gap-x-2">
            <span className={cn("size-2 rounded-full", toneDot[state.tone])} aria-hidden />
            <span className={toneText[state.tone]} title={dayAndClock(Date.parse(nvr.data.checkedAt))}>
              {state.text}
            </span>
            <span className="tabular">
              · {[wordFor(words.makers, nvr.data.vendor), nvr.data.model, nvr.data.firmware].filter(Boolean).join(" ")}{" "}
              · {nvr.data.address}
            </span>
          </p>
        </div>
        {mayChange && (
          <div className="flex gap-2">
            <Button className="max-md:h-11" onClick={() => setSearch({ edit: "" })}>
              <Pencil /> {words.edit}
            </Button>
            <Button
              size="icon"
              variant="ghost"
              className="text-alarm hover:text-alarm max-md:size-11"
              aria-label={words.remove}
              title={words.remove}
              onClick={() => setSearch({ remove: "" })}
            >
              <Trash2 />
            </Button>
          </div>
        )}
      </header>
      {nvr.data.state === "unauthorized" && (
        <p role="status" className="bg-warn/10 text-warn mb-4 rounded-md px-3 py-2 text-[13px]">
          {words.unauthorizedDetail}
        </p>
      )}
      {channels.isPending ? (
        <Skeleton className="h-40" />
      ) : channels.isError ? (
        <QueryError what={words.theChannels} error={channels.error} onRetry={() => void channels.refetch()} />
      ) : channels.data.length === 0 ? (
        <EmptyState icon={<HardDrive />} title={words.noChannels} detail={words.noChannelsDetail} />
      ) : (
        <ChannelList key={id} nvr={nvr.data} channels={channels.data} mayAdd={mayChange} />
      )}
      {mayChange && search.has("edit") && <ChangeRecorderDialog nvr={nvr.data} onClose={close} />}
      {mayChange && search.has("remove") && (
        <RemoveRecorderDialog
          nvr={nvr.data}
          onClose={close}
          onRemoved={() => void navigate("/cameras/recorders", { replace: true })}
        />
      )}
    </div>
  );
}
