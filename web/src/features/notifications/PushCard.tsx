import { useQuery, useQueryClient } from "@tanstack/react-query";
import { toast } from "sonner";
import { useAddPushBrowser, useDeletePushBrowser, usePushBrowsers } from "@/api/notifications";
import { ApiError } from "@/api/problem";
import { ListSkeleton } from "@/components/ListSkeleton";
import { SettingCard } from "@/components/SettingCard";
import { QueryError } from "@/components/States";
import { Button } from "@/components/ui/Button";
import { When } from "@/components/When";
import { programWords } from "@/features/account/programWords";
import { endPush, keepPushId, pushIdHere, pushSupport, subscribe } from "@/notifications/push";
import { words } from "./words";

const hereKey = ["push", "here"];

/** Web push: on in this browser or not, and on which others it is. */
export function PushCard() {
  const queries = useQueryClient();
  const browsers = usePushBrowsers();
  const here = useQuery({
    queryKey: hereKey,
    queryFn: async () => ({ support: await pushSupport(), id: await pushIdHere() }),
    staleTime: 0,
  });
  const add = useAddPushBrowser();
  const remove = useDeletePushBrowser();
  const items = browsers.data?.items ?? [];
  const support = here.data?.support;
  const isOn = items.some((b) => b.id === here.data?.id);

  async function switchOn() {
    if ((await Notification.requestPermission()) !== "granted") {
      toast.error(words.denied);
      return;
    }
    try {
      const subscription = await subscribe(browsers.data!.publicKey);
      const added = await add.mutateAsync({ ...subscription, browser: programWords(navigator.userAgent) });
      keepPushId(added.id, subscription.endpoint);
      toast(words.subscribed);
    } catch (e) {
      const why = e instanceof Error ? e.message : String(e);
      toast.error(e instanceof ApiError ? why : words.noService(why));
    }
    await queries.invalidateQueries({ queryKey: hereKey });
  }

  async function end(id: string) {
    try {
      await remove.mutateAsync(id);
      if (id === here.data?.id) await endPush();
      toast(id === here.data?.id ? words.unsubscribed : words.removed);
    } catch (e) {
      toast.error(e instanceof Error ? e.message : String(e));
    }
    await queries.invalidateQueries({ queryKey: hereKey });
  }

  const busy = add.isPending || remove.isPending;
  return (
    <>
      <SettingCard
        title={words.push}
        hint={support ? words.pushStates[support === "yes" ? (isOn ? "on" : "off") : support] : null}
      >
        {support === "yes" && browsers.data && (
          <Button
            variant={isOn ? "secondary" : "primary"}
            className="max-md:h-11"
            disabled={busy}
            onClick={() => void (isOn ? end(here.data!.id!) : switchOn())}
          >
            {isOn ? words.unsubscribe : words.subscribe}
          </Button>
        )}
      </SettingCard>
      <section aria-label={words.browsers}>
        <h3 className="mb-3 font-medium">{words.browsers}</h3>
        {browsers.isPending ? (
          <ListSkeleton lines={1} />
        ) : browsers.isError && !browsers.data ? (
          <QueryError what={words.theBrowsers} error={browsers.error} onRetry={() => void browsers.refetch()} />
        ) : items.length === 0 ? (
          <p className="bg-panel text-soft rounded-lg border p-4 text-[13px]">{words.noBrowsers}</p>
        ) : (
          <ul className="bg-panel divide-y rounded-lg border">
            {items.map((browser) => (
              <li key={browser.id} className="flex items-center justify-between gap-3 px-4 py-3">
                <div className="min-w-0">
                  <p className="truncate font-medium">
                    {browser.browser}
                    {browser.id === here.data?.id && (
                      <span className="text-good ml-2 text-[13px] font-normal">{words.thisOne}</span>
                    )}
                  </p>
                  <p className="text-soft text-[13px]">
                    {words.added} <When at={browser.createdAt} /> ·{" "}
                    {browser.lastUsedAt ? (
                      <>
                        {words.lastTold} <When at={browser.lastUsedAt} />
                      </>
                    ) : (
                      words.neverTold
                    )}
                  </p>
                </div>
                <Button
                  size="sm"
                  variant="ghost"
                  className="max-md:h-11"
                  aria-label={words.removeWhat(browser.browser)}
                  disabled={busy}
                  onClick={() => void end(browser.id)}
                >
                  {words.remove}
                </Button>
              </li>
            ))}
          </ul>
        )}
      </section>
    </>
  );
}
