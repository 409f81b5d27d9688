import { Cctv } from "lucide-react";
import { useState, type FormEvent } from "react";
import { Link } from "react-router";
import { useCameras } from "@/api/cameras";
import { useConnectNvr, type NvrChannelView, type NvrView } from "@/api/nvr";
import { useMay } from "@/api/useMe";
import { CameraPicture } from "@/components/CameraPicture";
import { codecWords } from "@/components/cameraWords";
import { cn } from "@/components/cn";
import { Button } from "@/components/ui/Button";
import { TextField } from "@/components/ui/Field";
import { firstChoice, hostAndPort, isChoosable } from "./channels";
import { keepTyped, typedFor } from "./justTyped";
import { words } from "./words";

/** The recorder's channels: those that are cameras here with their pictures, the others to choose from. */
export function ChannelList({
  nvr,
  channels,
  mayAdd,
}: {
  nvr: NvrView;
  channels: readonly NvrChannelView[];
  mayAdd: boolean;
}) {
  const cameras = useCameras();
  const connect = useConnectNvr();
  const maySee = useMay()("live.view");
  const known = typedFor(nvr.id);
  // A recorder that has just been connected: most people want all of it.
  const [chosen, setChosen] = useState<ReadonlySet<string>>(
    () => new Set(known && channels.every(isChoosable) ? firstChoice(channels) : []),
  );
  const choosable = channels.filter(isChoosable);
  const wanted = choosable.filter((c) => chosen.has(c.channel)).map((c) => c.channel);
  const choose = (channel: string, on: boolean) =>
    setChosen((all) => {
      const next = new Set(all);
      if (on) next.add(channel);
      else next.delete(channel);
      return next;
    });

  function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const login = known ?? { username: String(form.get("username")).trim(), password: String(form.get("password")) };
    connect.mutate(
      { ...hostAndPort(nvr.address), ...login, vendor: nvr.vendor, channels: wanted },
      {
        onSuccess: () => {
          keepTyped(nvr.id, login);
          setChosen(new Set());
        },
      },
    );
  }

  return (
    <>
      <div className="bg-panel overflow-hidden rounded-lg border">
        {mayAdd && choosable.length > 1 && (
          <label className="text-soft flex h-10 items-center gap-3 border-b px-4 text-[13px] max-md:h-11">
            <input
              type="checkbox"
              checked={wanted.length === choosable.length}
              onChange={(e) => setChosen(new Set(e.target.checked ? choosable.map((c) => c.channel) : []))}
              className="accent-accent size-4"
            />
            {words.selectAll(choosable.length)}
          </label>
        )}
        <ul className="divide-y">
          {channels.map((channel) => {
            const camera = cameras.data?.find((c) => c.id === channel.cameraId);
            const text = (
              <span className="min-w-0 flex-1">
                <span className="block truncate font-medium">{channel.name || words.channel(channel.number)}</span>
                <span className="text-soft tabular block truncate text-[13px]">
                  {[
                    words.channel(channel.number),
                    channel.width ? `${channel.width} × ${channel.height} ${codecWords(channel.codec)}` : null,
                    channel.online === false ? words.offline : null,
                  ]
                    .filter(Boolean)
                    .join(" · ")}
                </span>
              </span>
            );
            const picture =
              camera && maySee ? (
                <CameraPicture camera={camera} className="h-12 w-[85px] shrink-0" />
              ) : (
                <span className="pictures bg-raised grid h-12 w-[85px] shrink-0 place-items-center rounded" aria-hidden>
                  <Cctv className="text-faint size-5 stroke-[1.5]" />
                </span>
              );
            return (
              <li key={channel.channel} data-channel={channel.channel}>
                {channel.cameraId ? (
                  <Link
                    to={`/cameras/${channel.cameraId}`}
                    className="hover:bg-raised/50 flex items-center gap-4 px-4 py-3"
                  >
                    {mayAdd && <span className="w-4" aria-hidden />}
                    {picture}
                    {text}
                    <span className="text-good text-[13px]">{words.added}</span>
                  </Link>
                ) : (
                  <label className={cn("flex items-center gap-4 px-4 py-3", mayAdd && "hover:bg-raised/50")}>
                    {mayAdd && (
                      <input
                        type="checkbox"
                        checked={chosen.has(channel.channel)}
                        onChange={(e) => choose(channel.channel, e.target.checked)}
                        className="accent-accent size-4 shrink-0"
                      />
                    )}
                    {picture}
                    {text}
                  </label>
                )}
              </li>
            );
          })}
        </ul>
      </div>
      {mayAdd && wanted.length > 0 && (
        <form
          onSubmit={onSubmit}
          autoComplete="off"
          className="bg-panel sticky bottom-3 mt-4 flex flex-wrap items-end justify-end gap-3 rounded-lg border p-4 shadow-2xl"
        >
          {!known && (
            <>
              <TextField
                label={words.user}
                name="username"
                defaultValue={nvr.username ?? ""}
                autoComplete="off"
                required
                className="min-w-36 flex-1"
              />
              <TextField
                label={words.password}
                name="password"
                type="password"
                autoComplete="new-password"
                className="min-w-36 flex-1"
              />
            </>
          )}
          {connect.error && (
            <p role="alert" className="text-alarm mr-auto self-center text-[13px]">
              {connect.error.message}
            </p>
          )}
          <Button
            type="submit"
            variant="primary"
            className={cn("h-11", !known && "mb-1.5")}
            disabled={connect.isPending}
          >
            {connect.isPending ? words.asking : words.add(wanted.length)}
          </Button>
        </form>
      )}
    </>
  );
}
