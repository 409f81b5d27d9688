import { Cctv, Check, Loader, TriangleAlert } from "lucide-react";
import { useId, useState } from "react";
import { Link } from "react-router";
import { useCameras } from "@/api/cameras";
import { useMay } from "@/api/useMe";
import { CameraPicture } from "@/components/CameraPicture";
import { cn } from "@/components/cn";
import { Skeleton } from "@/components/States";
import { Button } from "@/components/ui/Button";
import { TextField } from "@/components/ui/Field";
import { wordFor } from "@/i18n/catalogue";
import type { Candidate } from "./found";
import type { Adding, Login } from "./useAdding";
import { words } from "./words";

/** One device: chosen or not, what is its own, and how far the adding is. */
export function DeviceCard({
  device,
  adding,
  selected,
  own,
  shared,
  onSelect,
  onOwn,
  onRetry,
}: {
  device: Candidate;
  adding: Adding | undefined;
  selected: boolean;
  /** What differs from what was typed for all. */
  own: Login;
  /** The user that was typed for all. */
  shared: string;
  onSelect: (selected: boolean) => void;
  onOwn: (own: Login) => void;
  onRetry: () => void;
}) {
  const [open, setOpen] = useState(false);
  const id = useId();
  const failed = adding?.state === "failed";
  const choosable = !device.known && (!adding || failed);
  const showsOwn = choosable && (failed ? adding.code === "badCredentials" : selected && open);
  const set = (part: Partial<Login>) => onOwn({ ...own, ...part });
  return (
    <li
      data-device={device.key}
      className={cn("bg-panel rounded-lg border transition-colors", selected && choosable && "border-accent")}
    >
      <label
        htmlFor={id}
        className={cn("flex min-h-16 items-center gap-3 p-3", !choosable && "cursor-default")}
        title={device.mac ?? undefined}
      >
        {choosable ? (
          <input
            id={id}
            type="checkbox"
            checked={selected}
            onChange={(e) => onSelect(e.target.checked)}
            aria-label={words.select(device.name, device.key)}
            className="accent-accent size-5 shrink-0"
          />
        ) : (
          <Mark adding={adding} />
        )}
        {adding?.state === "added" ? (
          <AddedPicture cameraId={adding.cameraId} />
        ) : (
          <span className="pictures bg-raised grid size-10 shrink-0 place-items-center rounded-md" aria-hidden>
            <Cctv className="text-soft size-5 stroke-[1.5]" />
          </span>
        )}
        <span className="min-w-0 flex-1">
          <span className="block truncate font-medium">{adding?.state === "added" ? adding.name : device.name}</span>
          <span className="text-soft tabular block truncate text-[13px]">
            {device.key}
            {device.model && !device.name.includes(device.model) && ` · ${device.model}`}
          </span>
        </span>
        {device.known && <span className="text-soft text-[13px]">{words.alreadyAdded}</span>}
      </label>
      {adding && <Progress adding={adding} />}
      {choosable && selected && !failed && (
        <button
          type="button"
          aria-expanded={open}
          onClick={() => setOpen(!open)}
          className="text-soft hover:text-text w-full border-t px-3 py-2 text-left text-[13px] max-md:min-h-11"
        >
          {words.own}
        </button>
      )}
      {showsOwn && (
        <div className="grid gap-3 border-t p-3 sm:grid-cols-2">
          {!failed && (
            <TextField
              label={words.ownName}
              placeholder={device.name}
              value={own.name}
              onChange={(e) => set({ name: e.target.value })}
              className="sm:col-span-2"
            />
          )}
          <TextField
            label={words.ownUser}
            value={own.username}
            placeholder={shared}
            autoComplete="off"
            hint={failed ? undefined : words.ownHint}
            onChange={(e) => set({ username: e.target.value })}
          />
          <TextField
            label={words.ownPassword}
            type="password"
            autoComplete="new-password"
            value={own.password}
            onChange={(e) => set({ password: e.target.value })}
          />
        </div>
      )}
      {failed && adding.code !== "cameraExists" && (
        <div className="flex flex-wrap gap-2 px-3 pb-3">
          <Button size="sm" className="max-md:h-11" onClick={onRetry}>
            {words.tryAgain}
          </Button>
          {adding.code === "notOnvif" && (
            <Button size="sm" variant="ghost" className="max-md:h-11" asChild>
              <Link to="/cameras?edit=new">{words.byStream}</Link>
            </Button>
          )}
        </div>
      )}
    </li>
  );
}

/** What it sees, as soon as it sends. */
function AddedPicture({ cameraId }: { cameraId: string }) {
  const camera = useCameras().data?.find((c) => c.id === cameraId);
  const maySee = useMay()("live.view");
  return camera && maySee ? (
    <CameraPicture camera={camera} className="h-14 w-[100px] shrink-0" />
  ) : (
    <Skeleton className="h-14 w-[100px] shrink-0" />
  );
}

function Mark({ adding }: { adding: Adding | undefined }) {
  if (adding?.state === "asking" || adding?.state === "waiting")
    return (
      <Loader
        className={cn("text-soft size-5 shrink-0", adding.state === "asking" && "text-accent animate-spin")}
        aria-hidden
      />
    );
  return <Check className="text-good size-5 shrink-0" aria-hidden />;
}

function Progress({ adding }: { adding: Adding }) {
  if (adding.state === "failed")
    return (
      <p role="alert" className="text-warn flex gap-2 px-3 pb-3 text-[13px]">
        <TriangleAlert className="mt-0.5 size-4 shrink-0" aria-hidden />
        <span>
          {wordFor(words.failures, adding.code) ?? adding.message}{" "}
          <span className="text-soft">{wordFor(words.nextSteps, adding.code)}</span>
        </span>
      </p>
    );
  return (
    <p role="status" className="text-soft flex items-center justify-between gap-2 px-3 pb-3 text-[13px]">
      {words.states[adding.state]}
      {adding.state === "added" && (
        <Link to={`/cameras/${adding.cameraId}`} className="text-accent hover:underline">
          {words.open(adding.name)}
        </Link>
      )}
    </p>
  );
}
